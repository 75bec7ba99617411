#include "publisher/event_generator.hpp"
#include "stand_in.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/ports.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <signal.h>

#include <map>
#include <sstream>
#include <string>
#include <utility>

namespace events::publisher {
namespace {

using namespace std::chrono_literals;
using test::await;
using test::StandIn;

/// The real program against a stand-in gateway.
class PublisherProcess : public ::testing::Test {
  protected:
    test::Process start(const http::Endpoint& endpoint,
                        std::map<std::string, std::string> environment) {
        const auto port = std::to_string(endpoint.port);
        environment.merge(std::map<std::string, std::string>{
            {"EVENT_ENDPOINT", "http://127.0.0.1:" + port + "/events"},
            {"HOST", "127.0.0.1"},
            {"PORT", std::to_string(test::free_port())},
            {"MIN_EVENTS", "100"},
            {"MAX_EVENTS", "200"},
            {"INTERVAL_MS", "1"},
        });
        return test::Process{{.command = {test::bin_directory() / "publisher"},
                              .environment = std::move(environment),
                              .output = directory_.path() / "log",
                              .user = {}}};
    }

    /// The log's line with the figures of the run.
    [[nodiscard]] nlohmann::json summary() const {
        std::istringstream log{test::read_file(directory_.path() / "log")};
        for (std::string line; std::getline(log, line);) {
            auto json = nlohmann::json::parse(line, nullptr, false);
            if (json.is_object() && json.contains("posts")) return json;
        }
        ADD_FAILURE() << "no summary in:\n" << log.str();
        return {};
    }

    test::TemporaryDirectory directory_;
};

TEST_F(PublisherProcess, EndsByItselfWithItsSummaryAndZeroOnceTheCountIsReached) {
    StandIn gateway;
    auto process = start(gateway.endpoint(), {{"COUNT", "5000"}, {"SEED", "3"}});
    const auto status = process.wait(test::kPatience);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->code, 0) << test::read_file(process.output());
    const auto line = summary();
    EXPECT_EQ(line.at("sent"), 5'000);
    EXPECT_EQ(line.at("saved").get<int>() + line.at("failed").get<int>(), 5'000);
    EXPECT_EQ(line.at("posts"), gateway.received().size());
    EXPECT_EQ(line.at("lost"), 0);
}

TEST_F(PublisherProcess, IsReproducibleWithASeedAndAStartTime) {
    StandIn gateway;
    std::map<std::string, std::string> settings{{"COUNT", "500"},
                                                {"SEED", "3"},
                                                {"START_TIME", "2026-03-01T00:00:00Z"},
                                                {"CONCURRENCY", "1"},
                                                {"INTERVAL_MS", "10"}};
    auto process = start(gateway.endpoint(), settings);
    ASSERT_TRUE(process.wait(test::kPatience));
    EventGenerator generator{
        {.seed = 3,
         .start_time = Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}},
         .interval = 10ms,
         .min_events = 100,
         .max_events = 200,
         .invalid_ratio = 0.1,
         .duplicate_ratio = 0,
         .out_of_order = 0ms,
         .count = 500}};
    for (const auto& post : gateway.received()) EXPECT_EQ(post.body, generator.next_batch()->body);
    EXPECT_FALSE(generator.next_batch());
}

TEST_F(PublisherProcess, EndsWithAnErrorWhenEventsWereLost) {
    StandIn gateway{[](std::size_t number) -> std::optional<http::Response> {
        if (number != 0) return std::nullopt;
        http::Response response;
        response.status = 503;
        return response;
    }};
    auto process = start(gateway.endpoint(), {{"COUNT", "5000"}});
    const auto status = process.wait(test::kPatience);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->code, 1);
    const auto lost = summary().at("lost").get<int>();
    EXPECT_GE(lost, 100);
    EXPECT_LE(lost, 200);
}

TEST_F(PublisherProcess, WaitsForTheAnswersInFlightOnSigterm) {
    StandIn gateway;
    gateway.hold();
    auto process = start(gateway.endpoint(), {{"SHUTDOWN_GRACE_MS", "60000"}});
    ASSERT_TRUE(await([&] { return gateway.in_hand() > 0; }));
    process.signal(SIGTERM);
    ASSERT_TRUE(await([&] {
        return test::read_file(process.output()).find("shutting down") != std::string::npos;
    }));
    EXPECT_TRUE(process.running());
    gateway.release();
    const auto status = process.wait(test::kPatience);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->code, 0) << test::read_file(process.output());
    EXPECT_EQ(summary().at("lost"), 0);
}

TEST_F(PublisherProcess, EndsOnSigtermWhileItWaitsForTheGateway) {
    auto process = start({.host = "127.0.0.1", .port = test::free_port(), .target = "/events"}, {});
    ASSERT_TRUE(await([&] {
        return test::read_file(process.output()).find("waiting for the gateway") !=
               std::string::npos;
    }));
    const auto status = process.stop(SIGTERM, test::kPatience);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->code, 0) << test::read_file(process.output());
    EXPECT_EQ(summary().at("posts"), 0);
}

TEST_F(PublisherProcess, RefusesABadConfigurationWithEveryProblem) {
    auto process = start({.host = "127.0.0.1", .port = 1, .target = "/events"},
                         {{"MIN_EVENTS", "0"}, {"RETRY", "perhaps"}});
    const auto status = process.wait(test::kPatience);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->code, 78);
    const auto output = test::read_file(process.output());
    EXPECT_NE(output.find("MIN_EVENTS"), std::string::npos);
    EXPECT_NE(output.find("RETRY"), std::string::npos);
}

}  // namespace
}  // namespace events::publisher
