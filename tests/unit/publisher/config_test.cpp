#include "publisher/config.hpp"

#include "common/events/time.hpp"
#include "support/environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace events::publisher {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Read {
    Config config;
    std::vector<std::string> problems;
    std::vector<config::Variable> variables;
};

Read read(std::map<std::string, std::string, std::less<>> variables) {
    const config::Environment environment{std::move(variables)};
    config::EnvReader reader{environment};
    auto config = read_config(reader);
    return {std::move(config), reader.problems(), reader.variables()};
}

TEST(PublisherConfig, DefaultsAreTheReferencePublishers) {
    const auto [config, problems, variables] = read({});
    EXPECT_THAT(problems, IsEmpty());
    EXPECT_EQ(config.publisher.sender.endpoint.host, "127.0.0.1");
    EXPECT_EQ(config.publisher.sender.endpoint.port, 3001);
    EXPECT_EQ(config.publisher.sender.endpoint.target, "/events");
    EXPECT_EQ(config.http.port, 3005);
    EXPECT_EQ(config.publisher.events.min_events, 1'000);
    EXPECT_EQ(config.publisher.events.max_events, 50'000);
    EXPECT_EQ(config.publisher.events.interval, 1s);
    EXPECT_EQ(config.publisher.events.count, 0U);
    EXPECT_EQ(config.publisher.concurrency, 4U);
    EXPECT_FALSE(config.publisher.sender.retry);
}

TEST(PublisherConfig, ReadsEveryVariable) {
    const auto [config, problems, variables] = read({
        {"EVENT_ENDPOINT", "http://gateway:8080/in?x=1"},
        {"MIN_EVENTS", "5"},
        {"MAX_EVENTS", "6"},
        {"INTERVAL_MS", "0"},
        {"INVALID_RATIO", "0.25"},
        {"DUPLICATE_RATIO", "0.5"},
        {"OUT_OF_ORDER_MS", "60000"},
        {"COUNT", "1000000"},
        {"SEED", "42"},
        {"START_TIME", "2026-03-01T00:00:00Z"},
        {"CONCURRENCY", "9"},
        {"RETRY", "on"},
        {"REQUEST_TIMEOUT_MS", "1500"},
        {"PORT", "4005"},
        {"LOG_LEVEL", "warn"},
    });
    EXPECT_THAT(problems, IsEmpty());
    EXPECT_EQ(config.publisher.sender.endpoint.host, "gateway");
    EXPECT_EQ(config.publisher.sender.endpoint.target, "/in?x=1");
    EXPECT_EQ(config.publisher.events.min_events, 5);
    EXPECT_EQ(config.publisher.events.max_events, 6);
    EXPECT_EQ(config.publisher.events.interval, 0s);
    EXPECT_EQ(config.publisher.events.invalid_ratio, 0.25);
    EXPECT_EQ(config.publisher.events.duplicate_ratio, 0.5);
    EXPECT_EQ(config.publisher.events.out_of_order, 1min);
    EXPECT_EQ(config.publisher.events.count, 1'000'000U);
    EXPECT_EQ(config.seed, 42U);
    EXPECT_EQ(config.start_time, parse_timestamp("2026-03-01T00:00:00Z"));
    EXPECT_EQ(config.publisher.concurrency, 9U);
    EXPECT_TRUE(config.publisher.sender.retry);
    EXPECT_EQ(config.publisher.sender.request_timeout, 1'500ms);
    EXPECT_EQ(config.http.port, 4005);
    EXPECT_EQ(config.daemon.log.level, logging::Level::warn);
}

TEST(PublisherConfig, ReportsEveryProblemAtOnce) {
    const auto [config, problems, variables] = read({
        {"EVENT_ENDPOINT", "ftp://gateway/events"},
        {"MIN_EVENTS", "20"},
        {"MAX_EVENTS", "10"},
        {"INVALID_RATIO", "2"},
        {"START_TIME", "yesterday"},
        {"CONCURRENCY", "0"},
    });
    EXPECT_THAT(problems, ElementsAre(HasSubstr("EVENT_ENDPOINT"),
                                      AllOf(HasSubstr("MAX_EVENTS"), HasSubstr("MIN_EVENTS (20)")),
                                      HasSubstr("INVALID_RATIO"), HasSubstr("START_TIME"),
                                      HasSubstr("CONCURRENCY")));
}

// The whole address was printed.
TEST(PublisherConfig, QuotesNoUserOfTheEndpoint) {
    for (const auto* url :
         {"http://ann:open-sesame@gateway/events", "https://ann:open-sesame@gateway/events",
          "http://ann:open-ses/ame@gateway/events", "ann:open-sesame@gateway",
          "http://ann:open-sesame@gateway:port/", "http://gate way/?token=open-sesame"}) {
        const auto problems = read({{"EVENT_ENDPOINT", url}}).problems;
        ASSERT_THAT(problems, ::testing::SizeIs(1)) << url;
        EXPECT_THAT(problems[0], AllOf(::testing::Not(HasSubstr("open-")),
                                       ::testing::Not(HasSubstr("ann")), HasSubstr("\"***\"")));
    }
}

TEST(PublisherConfig, RefusesAStartTimeAtTheEndsOfTheCalendar) {
    EXPECT_THAT(read({{"START_TIME", "1969-12-31T23:59:59Z"}}).problems, ::testing::SizeIs(1));
    EXPECT_THAT(read({{"START_TIME", "9999-12-31T23:59:59Z"}}).problems, ::testing::SizeIs(1));
}

TEST(PublisherOptions, AreRepeatableWithASeedOrAStartTimeAndFollowTheWallClockWithoutBoth) {
    EXPECT_EQ(publisher_options(read({}).config).clock, EventClock::wall);
    const auto seeded = publisher_options(read({{"SEED", "42"}}).config);
    EXPECT_EQ(seeded.clock, EventClock::generator);
    EXPECT_EQ(seeded.events.seed, 42U);
    const auto started = publisher_options(read({{"START_TIME", "2026-03-01T00:00:00Z"}}).config);
    EXPECT_EQ(started.clock, EventClock::generator);
    EXPECT_EQ(started.events.start_time, parse_timestamp("2026-03-01T00:00:00Z"));
}

TEST(PublisherOptions, TakeARandomSeedThatCanBeGivenAgain) {
    const auto config = read({}).config;
    const auto first = publisher_options(config).events.seed;
    EXPECT_NE(first, publisher_options(config).events.seed);
    const auto again = read({{"SEED", std::to_string(first)}});
    EXPECT_THAT(again.problems, IsEmpty());
    EXPECT_EQ(again.config.seed, first);
}

TEST(EnvPublisherExample, ListsEveryVariableWithItsDefaultInTheOrderOfHelp) {
    std::ostringstream expected;
    for (const auto& variable : read({}).variables) {
        expected << "# " << variable.description << "\n"
                 << variable.name << "=" << variable.default_text << "\n";
    }
    const auto text = test::read_file(EVENTS_SOURCE_DIR "/.env.publisher.example");
    // What stands before the first variable's comment introduces the file.
    const auto first = text.find("# " + read({}).variables.front().description);
    ASSERT_NE(first, std::string::npos) << "the file should end with:\n" << expected.str();
    EXPECT_EQ(text.substr(first), expected.str());
}

TEST(PublisherConfig, ReadsOneKeyAndQuotesNone) {
    EXPECT_FALSE(read({}).config.publisher.sender.key);
    EXPECT_EQ(
        read({{"EVENT_API_KEY", "some-key-0123456789"}}).config.publisher.sender.key->reveal(),
        "some-key-0123456789");
    for (const auto* bad : {"hunter2", "hunter2-0123456789,hunter2-9876543210"}) {
        EXPECT_THAT(read({{"EVENT_API_KEY", bad}}).problems,
                    ElementsAre(::testing::Not(HasSubstr("hunter2"))));
    }
}

}  // namespace
}  // namespace events::publisher
