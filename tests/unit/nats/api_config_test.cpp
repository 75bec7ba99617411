#include "common/nats/api_config.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace events::nats {
namespace {

using nlohmann::json;

TEST(ApiConfig, NamesOnlyTheFieldsOfAStreamThatEveryServerKnows) {
    const StreamConfig config{.name = "S",
                              .subjects = {"a", "b"},
                              .retention = Retention::work_queue,
                              .discard = Discard::new_messages,
                              .max_bytes = 1024,
                              .replicas = 3};
    EXPECT_EQ(api_config(config), json::parse(R"({"name":"S","subjects":["a","b"],"storage":"file",
        "retention":"workqueue","discard":"new","max_bytes":1024,"num_replicas":3,
        "duplicate_window":120000000000})"));
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

TEST(MergeConfig, ReplacesListsWhole) {
    const auto existing = json::parse(R"({"subjects":["a","old"]})");
    EXPECT_EQ(merge_config(existing, json::parse(R"({"subjects":["a"]})")),
              json::parse(R"({"subjects":["a"]})"));
}

}  // namespace
}  // namespace events::nats
