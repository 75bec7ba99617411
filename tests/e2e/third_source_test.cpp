// A source that is nothing but a description (support/google.hpp) and a call of make_source()
// (support/make_google.sql): through every part of the suite, for real.

#include "common/events/time.hpp"
#include "common/postgres/migrations.hpp"
#include "dead_letters.hpp"
#include "publisher/event_generator.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/google.hpp"
#include "support/nats_connect.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>

#include <optional>
#include <string>
#include <vector>

namespace events::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::filesystem::path kPrograms{PROGRAMS_WITH_GOOGLE};

struct Ad {
    std::string id;
    std::string user = "u-1";
    int age = 31;
    std::string country = "Peru";
    std::string device = "phone";
    std::string campaign = R"("c-1")";
    std::optional<std::string> amount = std::nullopt;  ///< then it is a conversion
};

std::string event(const Ad& ad) {
    const auto stage = ad.amount ? fmt::format(R"("amount":"{}")", *ad.amount)
                                 : std::string{R"("seenAt":"2026-03-01T11:59:58Z","position":3)"};
    return fmt::format(
        R"({{"eventId":"{}","timestamp":"2026-03-01T12:00:00.5Z","source":"google",)"
        R"("funnelStage":"{}","eventType":"{}","data":{{"user":{{"userId":"{}","region":"Lima",)"
        R"("profile":{{"age":{},"country":"{}"}}}},"engagement":{{"network":"search",)"
        R"("device":"{}","campaign":{{"id":{}}},{}}}}}}})",
        ad.id, ad.amount ? "bottom" : "top", ad.amount ? "conversion" : "search.result", ad.user,
        ad.age, ad.country, ad.device, ad.campaign, stage);
}

class ThirdSource : public ::testing::Test {
  protected:
    /// What the migration of a real source does.
    void make_google() {
        pqxx::connection connection{stack_.database()};
        pqxx::work work{connection};
        work.exec("SET LOCAL search_path = events, public");
        work.exec(read_file(source_directory() / "tests/support/make_google.sql"));
        work.commit();
    }

    void start_all() {
        stack_.start("ggl-collector", {}, false);
        ASSERT_TRUE(await([&] {
            return stack_.get("ggl-collector", "/readiness").body.find("no source google") !=
                   std::string::npos;
        })) << "a collector says what its database lacks";
        make_google();
        ASSERT_TRUE(await([&] { return stack_.is_ready("ggl-collector"); }));
        stack_.start("gateway");
        stack_.start("reporter");
    }

    std::string answer(const std::vector<std::string>& events) {
        const auto response = stack_.post(fmt::format("[{}]", fmt::join(events, ",")));
        return fmt::format("{} {}", response.status, response.body);
    }

    std::string rows(std::string_view columns = "count(*)") {
        return query(stack_.database(), fmt::format("SELECT {} FROM google_events", columns));
    }

    bool await_rows(std::uint64_t count) {
        return await([&] { return rows() == std::to_string(count); });
    }

    std::string tool(const std::string& name, std::vector<std::string> arguments) {
        const auto output = folder_.path() / "output";
        arguments.insert(arguments.begin(), (kPrograms / name).string());
        const auto status = run({.command = std::move(arguments),
                                 .environment = {{"DATABASE_URL", stack_.database()},
                                                 {"NATS_URL", stack_.nats().url()}},
                                 .output = output,
                                 .user = {}});
        return fmt::format("{} {}", status.code, read_file(output));
    }

    Stack stack_{postgres_cluster(), {}, kPatientDaemons, kPrograms};
    TemporaryDirectory folder_;
};

TEST_F(ThirdSource, GoesThroughEverything) {
    start_all();

    // HTTP in, with what is wrong told by the description.
    EXPECT_EQ(answer({event({.id = "g-1"}),
                      event({.id = "g-2",
                             .user = "u-2",
                             .age = 18,
                             .device = "tablet",
                             .campaign = "null",
                             .amount = "12.50"}),
                      event({.id = "g-3",
                             .user = "u-2",
                             .age = 18,
                             .country = "Chile",
                             .campaign = R"("c-2")",
                             .amount = "0.49"})}),
              R"(201 {"saved":3,"failed":0})");
    EXPECT_THAT(
        answer({event({.id = "bad-1", .device = "watch"}), event({.id = "bad-2", .age = 17})}),
        AllOf(HasSubstr("data.engagement.device must be one of phone, tablet, desktop"),
              HasSubstr("data.user.profile.age must be an integer from 18 to 160")));

    // The stream, the rows.
    ASSERT_TRUE(await_rows(3));
    // Counted and looked at a moment after the rows are there.
    EXPECT_TRUE(await([&] {
        return stack_.metric("ggl-collector", R"(processed_events_total{source="google"})") == 3 &&
               stack_.metric("gateway", R"(stream_messages{stream="EVENTS_GOOGLE"})") == 0;
    }));
    EXPECT_THAT(query(stack_.database(),
                      "SELECT row_to_json(t) FROM google_events t WHERE event_id = 'g-2'"),
                HasSubstr(R"("user_id":"u-2","region":"Lima","age":18,"country":"Peru",)"
                          R"("network":"search","device":"tablet","campaign_id":null,)"
                          R"("seen_at":null,"position":null,"purchase_amount":12.50)"));

    // The three reports, with its filters and groups.
    EXPECT_EQ(stack_.report("/reports/events?source=google").at("count"), 3);
    EXPECT_EQ(stack_.report("/reports/events?device=tablet&ageMax=18&country=Peru").at("count"), 1);
    EXPECT_EQ(stack_.report("/reports/revenue?source=google").at("revenue"), 12.99);
    EXPECT_EQ(stack_.report("/reports/revenue?campaignId=c-2").at("transactions"), 1);
    EXPECT_EQ(stack_.report("/reports/demographics?source=google").at("userCount"), 2);
    EXPECT_EQ(stack_.get("reporter", "/reports/events?groupBy=source,device").body,
              R"({"count":3,"groups":[{"source":"google","device":"phone","count":2},)"
              R"({"source":"google","device":"tablet","count":1}],"truncated":false})");
    EXPECT_THAT(stack_.get("reporter", "/reports/catalogue").body,
                HasSubstr(R"({"name":"google","title":"Google"})"));
    EXPECT_THAT(stack_.get("reporter", "/reports/events?device=watch").body,
                HasSubstr("Desktop, phone, tablet"));

    // Dead letters: the gateway's, and the collector's own.
    const auto connection = connect_to_nats(stack_.nats().url());
    nats::check(natsConnection_PublishString(connection.get(), "events.google", "no event"),
                "publish");
    nats::check(natsConnection_Flush(connection.get()), "flush");
    ASSERT_TRUE(await([&] { return read_stream(stack_.nats().url(), "EVENTS_DEAD").size() == 3; }));
    EXPECT_THAT(tool("events-dlq", {"list", "--source", "google"}),
                AllOf(HasSubstr("malformed_json"), Not(HasSubstr("out_of_range"))));
    EXPECT_THAT(tool("events-dlq", {"--help"}), HasSubstr("gateway|facebook|tiktok|google"));

    // Erasure, and the proof that segments are the rows.
    EXPECT_THAT(tool("events-erase", {"u-2"}), StartsWith("0 "));
    EXPECT_EQ(rows("string_agg(event_id, ' ')"), "g-1");
    EXPECT_EQ(stack_.report("/reports/events?source=google").at("count"), 1);
    EXPECT_THAT(tool("events-verify", {"--all", "--source", "google"}), StartsWith("0 "));
}

TEST_F(ThirdSource, IsMadeUpByThePublisherToTheCent) {
    start_all();
    const auto start = Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
    const publisher::GeneratorSettings settings{.seed = 16,
                                                .start_time = start,
                                                .interval = std::chrono::milliseconds{50},
                                                .min_events = 200,
                                                .max_events = 500,
                                                .invalid_ratio = 0.5,
                                                .duplicate_ratio = 0.05,
                                                .count = 6'000};
    stack_.launch("publisher", {{"SEED", "16"},
                                {"START_TIME", format_timestamp(start)},
                                {"INTERVAL_MS", "50"},
                                {"MIN_EVENTS", "200"},
                                {"MAX_EVENTS", "500"},
                                {"INVALID_RATIO", "0.5"},
                                {"DUPLICATE_RATIO", "0.05"},
                                {"COUNT", "6000"},
                                {"RETRY", "on"}});
    EXPECT_EQ(stack_.wait_end("publisher").code, 0);
    publisher::Figures expected;
    std::uint64_t failed = 0;
    publisher::EventGenerator generator{settings};
    while (const auto batch = generator.next_batch()) {
        expected += batch->stored;
        failed += batch->expected_invalid();
    }
    ASSERT_GT(expected.events(kGoogle), 1'000U);
    ASSERT_TRUE(await_rows(expected.events(kGoogle)));
    EXPECT_EQ(read_stream(stack_.nats().url(), "EVENTS_DEAD").size(), failed);
    for (const auto& type : event_types(kGoogle)) {
        EXPECT_EQ(
            stack_.report(fmt::format("/reports/events?source=google&eventType={}", type.name))
                .at("count"),
            expected.events(kGoogle, std::nullopt, type.name))
            << type.name;
    }
    const auto revenue = stack_.get("reporter", "/reports/revenue?source=google").body;
    EXPECT_THAT(revenue,
                HasSubstr(fmt::format(R"("transactions":{})", expected.transactions(kGoogle))));
    EXPECT_THAT(
        revenue,
        HasSubstr(fmt::format(
            R"("revenue":{:.2f})",
            static_cast<double>(static_cast<std::int64_t>(expected.revenue(kGoogle))) / 100)));
}

}  // namespace
}  // namespace events::test
