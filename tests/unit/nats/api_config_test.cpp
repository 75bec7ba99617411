#include "common/nats/api_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace events::nats {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(ApiConfig, NamesOnlyTheFieldsOfAStreamThatEveryServerKnows) {
    const StreamConfig config{.name = "S",
                              .subjects = {"a", "b"},
                              .retention = Retention::work_queue,
                              .discard = Discard::new_messages,
                              .max_bytes = 1024,
                              .replicas = 3};
    EXPECT_EQ(api_config(config), json::parse(R"({"name":"S","subjects":["a","b"],"storage":"file",
        "retention":"workqueue","discard":"new","discard_new_per_subject":false,"max_bytes":1024,
        "max_msgs":-1,"max_msgs_per_subject":-1,"max_msg_size":-1,"max_age":0,"no_ack":false,
        "num_replicas":3,"duplicate_window":120000000000})"));
}

TEST(ApiConfig, DropsTheOldestOfAStreamWithLimits) {
    const auto config = api_config(StreamConfig{.name = "D", .subjects = {"d"}});
    EXPECT_EQ(config["retention"], "limits");
    EXPECT_EQ(config["discard"], "old");
    EXPECT_EQ(config["max_bytes"], -1);
}

TEST(ApiConfig, AsksForExplicitAcknowledgementAndEndlessDeliveries) {
    const ConsumerConfig config{
        .stream = "S", .durable = "D", .ack_wait = std::chrono::seconds{2}, .max_ack_pending = 5};
    EXPECT_EQ(api_config(config), json::parse(R"({"durable_name":"D","deliver_policy":"all",
        "ack_policy":"explicit","replay_policy":"instant","ack_wait":2000000000,"max_deliver":-1,
        "max_ack_pending":5})"));
}

TEST(MergeConfig, IsNothingWhenAllIsAsWanted) {
    const auto existing = json::parse(R"({"name":"S","max_bytes":5,"compression":"s2"})");
    EXPECT_FALSE(merge_config(existing, json::parse(R"({"max_bytes":5})")));
}

TEST(MergeConfig, KeepsWhatSomebodyElseSet) {
    const auto existing = json::parse(R"({"name":"S","max_bytes":5,"compression":"s2"})");
    EXPECT_EQ(merge_config(existing, json::parse(R"({"max_bytes":6})")),
              json::parse(R"({"name":"S","max_bytes":6,"compression":"s2"})"));
}

TEST(MergeConfig, TakesWhatTheServerLeavesOutForFalse) {
    const auto wanted = json::parse(R"({"no_ack":false})");
    EXPECT_FALSE(merge_config(json::parse(R"({"name":"S"})"), wanted));
    EXPECT_EQ(merge_config(json::parse(R"({"no_ack":true})"), wanted), wanted);
}

TEST(Differences, NameWhatIsAndWhatIsWanted) {
    const auto existing = json::parse(R"({"max_age":5,"discard":"new","description":"x"})");
    const auto wanted = json::parse(R"({"max_age":0,"discard":"new","no_ack":false})");
    EXPECT_THAT(differences(existing, wanted), ElementsAre("max_age is 5 instead of 0"));
}

TEST(Obstacles, AreWhatNoServerChanges) {
    const auto wanted = api_config(StreamConfig{.name = "S",
                                                .subjects = {"s"},
                                                .retention = Retention::work_queue,
                                                .discard = Discard::new_messages});
    EXPECT_THAT(obstacles(wanted, wanted), IsEmpty());
    EXPECT_THAT(obstacles(json::parse(R"({"retention":"interest","storage":"memory"})"), wanted),
                ElementsAre(R"(storage is "memory" instead of "file")",
                            R"(retention is "interest" instead of "workqueue")"));
    auto other = wanted;
    other["max_age"] = 60;  // can be changed
    other["mirror"] = {{"name", "ORDERS"}};
    other["sealed"] = true;
    other["persist_mode"] = "async";
    EXPECT_THAT(obstacles(other, wanted),
                ElementsAre("it is sealed", R"(it is a mirror of "ORDERS")",
                            R"(persist_mode is "async" instead of "default")"));
}

TEST(Obstacles, OfWhatIsNoConfigurationAreTold) {
    for (const auto* odd : {"{}", R"({"retention":{},"storage":[1],"mirror":3})",
                            R"({"mirror":{"name":{}},"storage":"file","sealed":"true"})"}) {
        EXPECT_THAT(
            obstacles(json::parse(odd), api_config(StreamConfig{.name = "S", .subjects = {"s"}})),
            Not(IsEmpty()));
    }
}

TEST(MergeConfig, ReplacesListsWhole) {
    const auto existing = json::parse(R"({"subjects":["a","old"]})");
    EXPECT_EQ(merge_config(existing, json::parse(R"({"subjects":["a"]})")),
              json::parse(R"({"subjects":["a"]})"));
}

}  // namespace
}  // namespace events::nats
