// One request, followed through every daemon.
#include "dead_letters.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/sample_events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace events::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kTraceId = "0af7651916cd43dd8448eb211c80319c";
constexpr auto kParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

struct Told {
    int code = -1;
    std::string text;
};

class TraceTest : public ::testing::Test {
  protected:
    TraceTest() { stack_.start_all(); }

    /// scripts/trace, of this suite.
    [[nodiscard]] Told trace(const std::string& id, const std::string& more_lines = {}) {
        const auto output = folder_.path() / "told";
        std::filesystem::remove(output);
        std::vector<std::string> command{(source_directory() / "scripts/trace").string()};
        for (const auto* daemon : {"gateway", "fb-collector", "ttk-collector", "reporter"}) {
            command.insert(command.end(), {"--logs", stack_.log_file(daemon).string()});
        }
        if (!more_lines.empty()) {
            const auto more = (folder_.path() / "more.log").string();
            std::ofstream{more} << more_lines;
            command.insert(command.end(), {"--logs", more});
        }
        command.insert(command.end(),
                       {"--database", stack_.database(), "--nats", stack_.nats().url(), "--spool",
                        stack_.spool_folder("gateway").string(), id});
        const auto status =
            run({.command = command,
                 .environment = {{"EVENTS_DLQ", (bin_directory() / "events-dlq").string()}},
                 .output = output,
                 .user = std::nullopt});
        return {status.code, read_file(output)};
    }

    /// A valid event of each source, and one that is none.
    [[nodiscard]] http::ClientResponse post(const Variables& headers) {
        return stack_.post("[" + facebook_top("fb-traced") + "," + tiktok_top("ttk-traced") +
                               R"(,{"eventId":"no event"}])",
                           headers);
    }

    [[nodiscard]] bool logged(const std::string& daemon, const std::string& member,
                              const std::string& id) {
        return std::ranges::any_of(stack_.log(daemon), [&](const json& line) {
            const auto value = line.value(member, json{});
            return value == json(id) ||
                   (value.is_array() && std::ranges::find(value, json(id)) != value.end());
        });
    }

    Stack stack_;
    TemporaryDirectory folder_;
};

TEST_F(TraceTest, ATraceIsContinuedThroughEveryDaemon) {
    const auto response = post({{"traceparent", kParent}});
    ASSERT_EQ(response.status, 201U);
    ASSERT_TRUE(stack_.await_rows(2));
    for (const auto* daemon : {"fb-collector", "ttk-collector"}) {
        EXPECT_TRUE(await([&] { return logged(daemon, "traceIds", kTraceId); })) << daemon;
    }
    ASSERT_TRUE(await([&] { return logged("gateway", "traceId", kTraceId); }));
    EXPECT_FALSE(logged("gateway", "spanId", "b7ad6b7169203331")) << "the sender's, not its own";

    auto client = stack_.new_client("reporter");  // which logs what it refuses
    (void)client.send({.method = "GET",
                       .target = "/reports/events?colour=red",
                       .content_type = {},
                       .body = {},
                       .headers = {{"traceparent", kParent}}},
                      std::chrono::seconds{20});
    EXPECT_TRUE(await([&] { return logged("reporter", "traceId", kTraceId); }));

    const auto letter = read_stream(stack_.nats().url(), "EVENTS_DEAD").at(0);
    EXPECT_THAT(letter.headers.at("traceparent"), AllOf(HasSubstr(kTraceId), Not(kParent)));
}

TEST_F(TraceTest, WhatIsNoTraceparentIsLeftOutAndTheRequestIsTaken) {
    const auto response = post({{"traceparent", "00-xyz-1-01"}});
    ASSERT_EQ(response.status, 201U);
    ASSERT_TRUE(stack_.await_rows(2));
    const std::string id{response.header("X-Correlation-Id")};
    ASSERT_TRUE(await([&] { return logged("gateway", "correlationId", id); }));
    for (const auto& line : stack_.log("gateway")) EXPECT_FALSE(line.contains("traceId")) << line;
}

TEST_F(TraceTest, OneCommandFindsARequestEverywhere) {
    const std::string id = "order-4711";
    ASSERT_EQ(post({{"X-Correlation-Id", id}, {"traceparent", kParent}}).status, 201U);
    ASSERT_EQ(post({{"X-Correlation-Id", id + "-other"}}).status, 201U);
    ASSERT_TRUE(stack_.await_rows(2));
    ASSERT_TRUE(await([&] { return logged("gateway", "correlationId", id); }));
    for (const auto* daemon : {"fb-collector", "ttk-collector"}) {
        ASSERT_TRUE(await([&] { return logged(daemon, "correlationIds", id); })) << daemon;
    }
    for (const auto& asked : {id, std::string{kTraceId}, std::string{kParent}}) {
        const auto told = trace(asked);
        EXPECT_EQ(told.code, 0) << told.text;
        EXPECT_THAT(told.text,
                    AllOf(HasSubstr(" gateway events stored saved=2 failed=1 "),
                          HasSubstr(" fb-collector batch stored "),
                          HasSubstr(" ttk-collector batch stored "),
                          HasSubstr("facebook  fb-traced   2026-03-01 12:00:00.123  "),
                          HasSubstr("tiktok    ttk-traced  2026-03-01 12:00:00.123  "),
                          HasSubstr("2 in all"), HasSubstr("timestamp is missing"),
                          HasSubstr("(request " + id + ")"),
                          HasSubstr("{\"eventId\":\"no event\"}"), HasSubstr("1 in all")));
        EXPECT_THAT(told.text, Not(HasSubstr(id + "-other")));
    }
}

TEST_F(TraceTest, AnEventLeadsToItsRequest) {
    ASSERT_EQ(post({{"X-Correlation-Id", "order-1"}}).status, 201U);
    ASSERT_EQ(stack_.post(facebook_top("fb-of-another"), {{"X-Correlation-Id", "order-2"}}).status,
              201U);
    ASSERT_TRUE(stack_.await_rows(3));
    ASSERT_TRUE(await([&] { return logged("gateway", "correlationId", "order-1"); }));
    ASSERT_TRUE(await([&] { return logged("fb-collector", "correlationIds", "order-1"); }));

    const auto stored = trace("fb-traced");
    EXPECT_EQ(stored.code, 0) << stored.text;
    EXPECT_THAT(stored.text, AllOf(HasSubstr(" gateway events stored saved=2 failed=1 "),
                                   HasSubstr(" fb-collector batch stored "),
                                   HasSubstr("facebook  fb-traced  2026-03-01 12:00:00.123  "),
                                   HasSubstr("order-1"), HasSubstr("1 in all")));
    EXPECT_THAT(stored.text, AllOf(Not(HasSubstr("ttk-traced")), Not(HasSubstr("order-2"))));

    const auto refused = trace("no event");
    EXPECT_EQ(refused.code, 0) << refused.text;
    EXPECT_THAT(refused.text, AllOf(HasSubstr(" gateway events stored saved=2 failed=1 "),
                                    HasSubstr("0 in all"), HasSubstr("missing_field"),
                                    HasSubstr("(request order-1)"), HasSubstr("1 in all")));
}

TEST_F(TraceTest, LinesAreInOrderOfTimeAndNoneIsLeftOut) {
    const auto line = [](const std::string& time, const std::string& rest) {
        return R"({"level":30,"time":)" + time + R"(,"msg":")" + rest + "\n";
    };
    const auto told =
        trace("same-1", line("7000", R"(third","correlationId":"same-1"})") +
                            line("5000", R"(first","correlationId":"same-1"})") + "\x1b[2K" +
                            line("5000", R"(second","correlationIds":["same-1"]})") +
                            line("5000", R"(other","correlationId":"same-11"})") +
                            "12:00:00 gateway: pretty correlationId=\"same-1\"\n");
    EXPECT_EQ(told.code, 0) << told.text;
    std::vector<std::size_t> places;
    for (const auto* text : {"gateway: pretty", "first", "second", "third"}) {
        places.push_back(told.text.find(text));
        EXPECT_NE(places.back(), std::string::npos) << text << " in\n" << told.text;
    }
    EXPECT_TRUE(std::ranges::is_sorted(places)) << told.text;
    EXPECT_THAT(told.text, Not(HasSubstr("other")));
    EXPECT_THAT(told.text, Not(HasSubstr("\x1b")));
}

TEST_F(TraceTest, ARequestThatWaitsInTheSpoolIsFoundThere) {
    stack_.nats().stop();
    const std::string id = "waits-1";
    ASSERT_EQ(post({{"X-Correlation-Id", id}}).status, 202U);
    const auto told = trace(id);
    EXPECT_EQ(told.code, 2) << "the broker could not be asked";
    EXPECT_THAT(told.text, AllOf(HasSubstr(" gateway WARNING events spooled "),
                                 HasSubstr("0 in all"), HasSubstr("1 in all"),
                                 HasSubstr(stack_.spool_folder("gateway").string() + "/")));
}

TEST_F(TraceTest, NothingIsSaidOfWhatNobodySent) {
    const auto told = trace("nobody-sent-this");
    EXPECT_EQ(told.code, 1) << told.text;
    EXPECT_THAT(told.text, HasSubstr("none"));
    EXPECT_EQ(trace("'; DROP TABLE facebook_events; --").code, 1);
    EXPECT_EQ(stack_.stored_rows(), 0U);
}

}  // namespace
}  // namespace events::test
