// The suite on set-ups of NATS that are not a server of its own, and what it says of one that it
// can't work with.
#include "common/nats/handles.hpp"
#include "integration/dlq/tool.hpp"
#include "load.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/jetstream_api.hpp"
#include "support/nats_connect.hpp"
#include "support/ports.hpp"
#include "support/sample_events.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nats/nats.h>

#include <fstream>
#include <map>
#include <optional>
#include <string>

namespace events::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

/// Publishes what no gateway would.
void publish(const std::string& url, const std::string& subject, const std::string& payload) {
    const auto connection = connect_to_nats(url);
    natsConnection_PublishString(connection.get(), subject.c_str(), payload.c_str());
    nats::check(natsConnection_FlushTimeout(connection.get(), 60'000), "natsConnection_Flush");
}

std::uint64_t messages_in(const std::string& url, const std::string& info_subject) {
    const auto answer = jetstream_api(url, info_subject);
    return answer.contains("state") ? answer["state"].value("messages", std::uint64_t{0}) : 0;
}

/// What /readiness says of a part that is down; empty when it is not.
std::string complaint(Stack& stack, const std::string& daemon, const std::string& part) {
    const auto error = json::parse(stack.get(daemon, "/readiness").body)["error"];
    return error.contains(part) ? error[part].dump() : "";
}

bool complains(Stack& stack, const std::string& daemon, const std::string& part,
               const std::string& why) {
    return await([&] { return complaint(stack, daemon, part).find(why) != std::string::npos; });
}

/// Daemons at a hub, their streams in a leaf node's JetStream.
class LeafNode : public ::testing::TestWithParam<bool> {
  protected:
    static Stack make_stack(bool hub_has_jetstream, std::uint16_t leaf_port) {
        auto variables = kPatientDaemons;
        variables["NATS_JS_DOMAIN"] = "leaf";
        return Stack{postgres_cluster(),
                     {.extra = fmt::format("leafnodes {{ host: 127.0.0.1, port: {} }}", leaf_port),
                      .jetstream = hub_has_jetstream,
                      .domain = hub_has_jetstream ? "hub" : ""},
                     variables};
    }
};

TEST_P(LeafNode, HasTheStreamsThatTheSuiteAtTheHubUses) {
    const auto leaf_port = free_port();
    auto stack = make_stack(GetParam(), leaf_port);
    const NatsServer leaf{
        {.extra = fmt::format("leafnodes {{ remotes: [ {{ url: \"nats://127.0.0.1:{}\" }} ] }}",
                              leaf_port),
         .domain = "leaf"}};
    stack.start_all();
    EXPECT_EQ(stack.post(make_batch(300).body).status, 201U);
    EXPECT_TRUE(stack.await_rows(300));

    // Every message is acknowledged, across the leaf node's connection.
    const auto left = [&] {
        return messages_in(leaf.url(), "$JS.API.STREAM.INFO.EVENTS_FACEBOOK") +
               messages_in(leaf.url(), "$JS.API.STREAM.INFO.EVENTS_TIKTOK");
    };
    EXPECT_TRUE(await([&] { return left() == 0; }));

    publish(stack.nats().url(), "events.facebook", "no event");
    EXPECT_TRUE(
        await([&] { return messages_in(leaf.url(), "$JS.API.STREAM.INFO.EVENTS_DEAD") == 1; }));
    const auto listed = run_tool(stack.nats().url(), {"list"}, {{"NATS_JS_DOMAIN", "leaf"}});
    EXPECT_EQ(listed.code, 0) << listed.text;
    EXPECT_THAT(listed.text, HasSubstr("malformed_json"));
}

INSTANTIATE_TEST_SUITE_P(Hub, LeafNode, ::testing::Values(false, true), [](const auto& of) {
    return of.param ? "WithAJetStreamOfItsOwn" : "WithoutJetStream";
});

/// A broker that gives each user what deploy/nats/rights.conf says.
class Rights : public ::testing::Test {
  protected:
    static NatsServerOptions options() {
        std::string extra;
        for (const auto* user : {"GATEWAY", "FB_COLLECTOR", "TTK_COLLECTOR", "EVENTS_DLQ",
                                 "EVENTS_ERASE", "OPERATOR"}) {
            extra += fmt::format("{}_PASSWORD: \"secret\"\n", user);
        }
        return {.extra = extra + read_file(source_directory() / "deploy/nats/rights.conf")};
    }
    [[nodiscard]] std::string url_of(const std::string& user) {
        return fmt::format("nats://{}:secret@127.0.0.1:{}", user, stack_.nats().port());
    }

    Stack stack_{postgres_cluster(), options()};
};

TEST_F(Rights, AreEnoughForEverythingThatADaemonDoes) {
    for (const auto* daemon : {"gateway", "fb-collector", "ttk-collector"}) {
        stack_.start(daemon, {{"NATS_URL", url_of(daemon)}});
    }
    stack_.start("reporter");
    EXPECT_EQ(stack_.post(make_batch(100).body).status, 201U);
    EXPECT_EQ(stack_.post("[7]").status, 201U);
    publish(url_of("gateway"), "events.facebook", "no event");
    publish(url_of("gateway"), "events.tiktok", "no event");
    EXPECT_TRUE(stack_.await_rows(100));
    const auto letters = [&] {
        return messages_in(url_of("operator"), "$JS.API.STREAM.INFO.EVENTS_DEAD");
    };
    EXPECT_TRUE(await([&] { return letters() == 3; }));

    // What somebody deletes is made again.
    for (const auto* object : {"CONSUMER.DELETE.EVENTS_FACEBOOK.fb-collector",
                               "CONSUMER.DELETE.EVENTS_TIKTOK.ttk-collector"}) {
        (void)jetstream_api(url_of("operator"), std::string{"$JS.API."} + object);
    }
    EXPECT_EQ(stack_.post(make_batch(100, 2).body).status, 201U);
    EXPECT_TRUE(stack_.await_rows(200));

    const auto tool = [&](const std::vector<std::string>& arguments) {
        const auto output = run_tool(url_of("events-dlq"), arguments);
        EXPECT_EQ(output.code, 0) << output.text;
    };
    tool({"list"});
    tool({"purge", "--source", "gateway", "--apply"});
    tool({"purge", "--all", "--apply"});
    EXPECT_EQ(letters(), 0U);
    EXPECT_THAT(stack_.nats().log(), Not(HasSubstr("Permissions Violation")));
}

TEST_F(Rights, OfAnotherDaemonAreNotEnoughAndTheCollectorSaysSo) {
    stack_.start("fb-collector", {{"NATS_URL", url_of("gateway")}}, false);
    EXPECT_TRUE(complains(stack_, "fb-collector", "consumer", "no right"));
    EXPECT_TRUE(await([&] {
        return read_file(stack_.log_file("fb-collector")).find("$JS.API.CONSUMER.DURABLE.CREATE") !=
               std::string::npos;
    })) << "what it may not do";
}

/// A collector alone, whose consumer can't be made.
class Consumer : public ::testing::Test {
  protected:
    void make_stream(Stack& stack) {
        const json config{{"name", "EVENTS_FACEBOOK"},
                          {"subjects", {"events.facebook"}},
                          {"retention", "workqueue"},
                          {"storage", "file"},
                          {"discard", "new"}};
        const auto answer = jetstream_api(stack.nats().url(),
                                          "$JS.API.STREAM.CREATE.EVENTS_FACEBOOK", config.dump());
        ASSERT_FALSE(answer.contains("error")) << answer.dump();
    }
    void make_consumer(Stack& stack, json config) {
        const auto name = config["durable_name"].get<std::string>();
        const auto answer = jetstream_api(
            stack.nats().url(), "$JS.API.CONSUMER.DURABLE.CREATE.EVENTS_FACEBOOK." + name,
            json{{"stream_name", "EVENTS_FACEBOOK"}, {"config", std::move(config)}}.dump());
        ASSERT_FALSE(answer.contains("error")) << answer.dump();
    }
    /// It is not ready and says why, and is ready once that consumer is gone.
    void expect_unready_until_deleted(Stack& stack, const std::string& consumer,
                                      const std::string& why) {
        stack.start("fb-collector", {}, false);
        EXPECT_TRUE(complains(stack, "fb-collector", "consumer", why))
            << stack.get("fb-collector", "/readiness").body;
        EXPECT_EQ(stack.metric("fb-collector", R"(dependency_up{dependency="consumer"})"), 0);
        (void)jetstream_api(stack.nats().url(),
                            "$JS.API.CONSUMER.DELETE.EVENTS_FACEBOOK." + consumer);
        EXPECT_TRUE(await([&] { return stack.is_ready("fb-collector"); }));
        publish(stack.nats().url(), "events.facebook", facebook_top("fb-1"));
        EXPECT_TRUE(stack.await_rows(1));
    }
};

// It was ready for ever, and nothing was ever stored.
TEST_F(Consumer, OfAServerWithoutJetStreamIsMissed) {
    Stack stack{postgres_cluster(), {.jetstream = false}};
    stack.start("fb-collector", {}, false);
    EXPECT_TRUE(complains(stack, "fb-collector", "consumer", "does not offer JetStream"));
    EXPECT_EQ(stack.get("fb-collector", "/readiness").status, 503U);
}

TEST_F(Consumer, OfAnotherDomainIsMissed) {
    Stack stack;
    stack.start("fb-collector", {{"NATS_JS_DOMAIN", "elsewhere"}}, false);
    EXPECT_TRUE(complains(stack, "fb-collector", "consumer", "the domain elsewhere"));
}

TEST_F(Consumer, IsMissedWhereALimitOfTheAccountIsReached) {
    Stack stack{postgres_cluster(),
                {.extra = "accounts { A { jetstream { max_file: 10GB, max_streams: 1 }, "
                          "users: [ { user: a, password: a } ] } }\nno_auth_user: a"}};
    stack.start("fb-collector", {}, false);
    EXPECT_TRUE(complains(stack, "fb-collector", "nats", "maximum number of streams"))
        << stack.get("fb-collector", "/readiness").body;
}

TEST_F(Consumer, IsMissedWhileAnotherOneHasTheWorkQueue) {
    Stack stack;
    make_stream(stack);
    make_consumer(stack, {{"durable_name", "somebody"}, {"ack_policy", "explicit"}});
    expect_unready_until_deleted(stack, "somebody", "consumer");
}

TEST_F(Consumer, OfOurNameThatPushesIsToldClearly) {
    Stack stack;
    make_stream(stack);
    make_consumer(stack, {{"durable_name", "fb-collector"},
                          {"ack_policy", "explicit"},
                          {"deliver_subject", "to.somebody"}});
    expect_unready_until_deleted(stack, "fb-collector", "push consumer");
}

TEST_F(Consumer, OfOurNameThatDeliversHeadersOnlyIsToldClearly) {
    Stack stack;
    make_stream(stack);
    make_consumer(
        stack,
        {{"durable_name", "fb-collector"}, {"ack_policy", "explicit"}, {"headers_only", true}});
    expect_unready_until_deleted(stack, "fb-collector", "headers only");
}

TEST_F(Consumer, WhoseRequestsAreRefusedIsToldClearly) {
    Stack stack;
    make_stream(stack);
    make_consumer(stack,
                  {{"durable_name", "fb-collector"}, {"ack_policy", "explicit"}, {"max_batch", 1}});
    expect_unready_until_deleted(stack, "fb-collector", "refuses pull requests");
}

}  // namespace
}  // namespace events::test
