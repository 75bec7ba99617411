// A 2xx is for events that are in our streams, whose settings keep them, or in the spool.
#include "dead_letters.hpp"
#include "load.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/jetstream_api.hpp"
#include "support/sample_events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace events::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

json api(Stack& stack, const std::string& call, const json& body = json::object()) {
    return jetstream_api(stack.nats().url(), "$JS.API." + call, body.dump());
}

void make_stream(Stack& stack, json config) {
    const auto name = config.at("name").get<std::string>();
    const auto answer = api(stack, "STREAM.CREATE." + name, config);
    ASSERT_FALSE(answer.contains("error")) << answer;
}

/// In the place of EVENTS_FACEBOOK, which the gateway may make again in between.
void replace_facebook_stream(Stack& stack, const json& config) {
    const auto name = config.at("name").get<std::string>();
    ASSERT_TRUE(await([&] {
        (void)api(stack, "STREAM.DELETE.EVENTS_FACEBOOK");
        return !api(stack, "STREAM.CREATE." + name, config).contains("error");
    }));
}

/// EVENTS_FACEBOOK as it should be, but for `settings`.
json facebook_stream(const json& settings) {
    json config{{"name", "EVENTS_FACEBOOK"}, {"subjects", {"events.facebook"}},
                {"storage", "file"},         {"retention", "workqueue"},
                {"discard", "new"},          {"max_bytes", 4 << 20}};
    config.update(settings);
    return config;
}

std::string problem(Stack& stack, const std::string& daemon) {
    const auto response = stack.get(daemon, "/readiness");
    if (response.status == 200) return "";
    return json::parse(response.body).at("error").value("/nats/message"_json_pointer, "");
}

bool await_problem(Stack& stack, const std::string& daemon, const std::string& part) {
    return await([&] { return problem(stack, daemon).find(part) != std::string::npos; });
}

std::uint64_t log_lines(Stack& stack, const std::string& daemon, const std::string& message) {
    const auto lines = stack.log(daemon);
    return static_cast<std::uint64_t>(std::ranges::count_if(lines, [&](const json& line) {
        return line.at("msg").get_ref<const std::string&>().find(message) != std::string::npos;
    }));
}

void expect_spooled(Stack& stack, const http::ClientResponse& response, std::uint64_t events) {
    EXPECT_EQ(response.status, 202U) << response.body;
    EXPECT_EQ(json::parse(response.body).value("spooled", 0U), events);
    EXPECT_GT(stack.metric("gateway", "spool_files"), 0);
}

/// The operator has mended it: what was spooled becomes rows, and the next event is answered 201.
void expect_recovery(Stack& stack, std::uint64_t rows) {
    EXPECT_TRUE(await([&] { return stack.is_ready("gateway"); })) << problem(stack, "gateway");
    EXPECT_TRUE(await([&] { return stack.metric("gateway", "spool_files") == 0; }));
    stack.start("fb-collector");
    stack.start("ttk-collector");
    EXPECT_EQ(stack.post(make_batch(10, 77).body).status, 201U);
    EXPECT_TRUE(stack.await_rows(rows + 10))
        << api(stack, "STREAM.INFO.EVENTS_FACEBOOK") << "\n"
        << api(stack, "CONSUMER.INFO.EVENTS_FACEBOOK.fb-collector");
}

struct UnfitCase {
    std::string name;
    json stream;
    std::vector<std::string> words;
    Variables variables = {};
};

class UnfitStreams : public ::testing::TestWithParam<UnfitCase> {};

TEST_P(UnfitStreams, AreNeverPublishedIntoAndAreTold) {
    // A POST was answered 201 for whatever stream acknowledged it, and no row ever came.
    Stack stack;
    make_stream(stack, GetParam().stream);
    stack.start("gateway", GetParam().variables, false);
    ASSERT_TRUE(await_problem(stack, "gateway", "EVENTS_FACEBOOK"));
    for (const auto& word : GetParam().words)
        EXPECT_THAT(problem(stack, "gateway"), HasSubstr(word));
    EXPECT_EQ(stack.metric("gateway", R"(stream_fit{stream="EVENTS_FACEBOOK"})"), 0);
    EXPECT_EQ(stack.metric("gateway", R"(stream_fit{stream="EVENTS_TIKTOK"})"), 1);

    expect_spooled(stack, stack.post("[" + facebook_top("fb-1") + "]"), 1);
    EXPECT_EQ(stack.post("[" + tiktok_top("ttk-1") + "]").status, 201U);  // costs nobody else
    expect_spooled(stack, stack.post("[" + facebook_top("fb-2") + "," + tiktok_top("ttk-2") + "]"),
                   1);
    EXPECT_FALSE(stack.is_ready("gateway"));
    EXPECT_TRUE(await([&] { return log_lines(stack, "gateway", "the stream is not fit") >= 1U; }));
    EXPECT_EQ(log_lines(stack, "gateway", "the stream is not fit"), 1U);
    const auto name = GetParam().stream.at("name").get<std::string>();
    EXPECT_EQ(api(stack, "STREAM.INFO." + name).at("state").at("messages"), 0);

    delete_stream(stack.nats().url(), name);
    expect_recovery(stack, 4);
    EXPECT_EQ(stack.metric("gateway", R"(stream_fit{stream="EVENTS_FACEBOOK"})"), 1);
}

INSTANTIATE_TEST_SUITE_P(
    Gateway, UnfitStreams,
    ::testing::Values(
        UnfitCase{"AnotherNameOnOurSubject",
                  {{"name", "ORDERS"}, {"subjects", {"events.facebook"}}},
                  {"ORDERS", "events.facebook", "delete it"}},
        UnfitCase{"LimitsWithAnAge",
                  facebook_stream({{"retention", "limits"}, {"max_age", 3'600'000'000'000}}),
                  {"retention", "limits", "workqueue", "delete it"}},
        UnfitCase{"Interest", facebook_stream({{"retention", "interest"}}), {"interest"}},
        UnfitCase{
            "Memory", facebook_stream({{"storage", "memory"}}), {"storage", "memory", "file"}},
        UnfitCase{"MemoryWhereReadyWhileSpooling",
                  facebook_stream({{"storage", "memory"}}),
                  {"memory"},
                  {{"READY_WHILE_SPOOLING", "true"}}}),
    [](const auto& test) { return test.param.name; });

TEST(Streams, OfAnotherNameOnAllOurSubjectsTakeNothing) {
    Stack stack;
    make_stream(stack, {{"name", "ALL"}, {"subjects", {"events.>", "dead.>"}}});
    stack.start("gateway", {}, false);
    ASSERT_TRUE(await_problem(stack, "gateway", "EVENTS_DEAD"));
    EXPECT_THAT(problem(stack, "gateway"),
                AllOf(HasSubstr("EVENTS_FACEBOOK"), HasSubstr("EVENTS_TIKTOK"), HasSubstr("ALL")));
    expect_spooled(stack, stack.post(make_batch(20).body), 20);
    EXPECT_EQ(stack.post("[{}]").status, 201U);  // its dead letter is spooled
    EXPECT_EQ(api(stack, "STREAM.INFO.ALL").at("state").at("messages"), 0);
    delete_stream(stack.nats().url(), "ALL");
    expect_recovery(stack, 20);
    EXPECT_EQ(read_stream(stack.nats().url(), "EVENTS_DEAD").size(), 1U);
}

TEST(Streams, ThatTakeOursPlaceUnderARunningGatewayAreNotBelieved) {
    Stack stack;
    stack.start("gateway");
    EXPECT_EQ(stack.post("[" + facebook_top("fb-1") + "]").status, 201U);
    replace_facebook_stream(stack, {{"name", "ORDERS"}, {"subjects", {"events.facebook"}}});
    for (int i = 2; i <= 4; ++i) {
        expect_spooled(stack, stack.post("[" + facebook_top("fb-" + std::to_string(i)) + "]"), 1);
    }
    EXPECT_TRUE(await_problem(stack, "gateway", "ORDERS"));
    delete_stream(stack.nats().url(), "ORDERS");
    expect_recovery(stack, 3);  // the first one went with its stream
}

TEST(Streams, ThatAreMadeAnewWithOtherSettingsAreSeenSoon) {
    Stack stack;
    stack.start("gateway", {{"READY_WHILE_SPOOLING", "true"}});
    ASSERT_TRUE(await([&] { return stack.post("[" + facebook_top("x") + "]").status == 201U; }));
    replace_facebook_stream(stack, facebook_stream({{"storage", "memory"}}));
    ASSERT_TRUE(await_problem(stack, "gateway", "memory"));
    expect_spooled(stack, stack.post("[" + facebook_top("fb-1") + "]"), 1);
}

TEST(Streams, HaveTheirSettingsChangedBackWhereThatIsPossible) {
    Stack stack;
    make_stream(stack, facebook_stream({{"max_age", 3'600'000'000'000},
                                        {"discard", "old"},
                                        {"max_msgs", 5},
                                        {"max_msgs_per_subject", 3},
                                        {"max_msg_size", 100},
                                        {"no_ack", true}}));
    stack.start("gateway");
    const auto config = [&] { return api(stack, "STREAM.INFO.EVENTS_FACEBOOK").at("config"); };
    const auto is_ours = [&] {
        const auto now = config();
        return now.at("max_age") == 0 && now.at("discard") == "new" && now.at("max_msgs") == -1 &&
               now.at("max_msgs_per_subject") == -1 && now.at("max_msg_size") == -1 &&
               !now.value("no_ack", false);
    };
    EXPECT_TRUE(is_ours()) << config();
    EXPECT_EQ(stack.post(make_batch(100).body).status, 201U);

    auto changed = config();
    changed["max_age"] = 600'000'000'000;
    EXPECT_FALSE(api(stack, "STREAM.UPDATE.EVENTS_FACEBOOK", changed).contains("error"));
    EXPECT_TRUE(await(is_ours)) << config();
    EXPECT_TRUE(await(
        [&] { return log_lines(stack, "gateway", "settings are changed in JetStream") >= 2U; }));
}

TEST(Streams, ThatAreUnfitForDeadLettersAreTold) {
    Stack stack;
    make_stream(stack, {{"name", "EVENTS_DEAD"},
                        {"subjects", {"dead.gateway", "dead.facebook", "dead.tiktok"}},
                        {"storage", "memory"}});
    stack.start("gateway", {}, false);
    ASSERT_TRUE(await_problem(stack, "gateway", "EVENTS_DEAD"));
    EXPECT_EQ(stack.post("[{},{}]").status, 201U);
    EXPECT_EQ(stack.metric("gateway", "spool_files"), 1);
    delete_stream(stack.nats().url(), "EVENTS_DEAD");
    expect_recovery(stack, 0);
    EXPECT_EQ(read_stream(stack.nats().url(), "EVENTS_DEAD").size(), 2U);
}

TEST(Streams, ThatAreUnfitMakeACollectorUnreadyWhichCollectsThemStill) {
    Stack stack;
    make_stream(stack, facebook_stream({{"retention", "limits"}}));
    stack.start("fb-collector", {}, false);
    ASSERT_TRUE(await_problem(stack, "fb-collector", "EVENTS_FACEBOOK"));
    EXPECT_THAT(problem(stack, "fb-collector"), AllOf(HasSubstr("limits"), HasSubstr("delete it")));
    ASSERT_TRUE(await([&] {
        const auto parts = json::parse(stack.get("fb-collector", "/readiness").body).at("details");
        return parts.at("postgres").at("status") == "up";  // the tables are there
    }));
    EXPECT_FALSE(jetstream_api(stack.nats().url(), "events.facebook", facebook_top("fb-1"))
                     .contains("error"));
    EXPECT_TRUE(stack.await_rows(1));
    EXPECT_FALSE(stack.is_ready("fb-collector"));

    delete_stream(stack.nats().url(), "EVENTS_FACEBOOK");
    EXPECT_TRUE(await([&] { return stack.is_ready("fb-collector"); }));
    stack.start("gateway");
    EXPECT_EQ(stack.post("[" + facebook_top("fb-2") + "]").status, 201U);
    EXPECT_TRUE(stack.await_rows(2));
}

}  // namespace
}  // namespace events::test
