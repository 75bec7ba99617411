#include "common/nats/stream_state.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace events::nats {
namespace {

using nlohmann::json;

TEST(StreamState, TellsWhenTheOldestMessageCame) {
    const auto state =
        json::parse(R"({"messages":2,"first_seq":7,"first_ts":"2026-11-22T10:00:01.234567891Z"})");
    const auto time = oldest_message_time(state);
    ASSERT_TRUE(time);
    EXPECT_EQ(time->time_since_epoch().count(), 1'795'341'601'234'567);
}

struct OddState {
    std::string name;
    std::string state;
};

class StreamStateWithoutATime : public ::testing::TestWithParam<OddState> {};

TEST_P(StreamStateWithoutATime, IsNothing) {
    EXPECT_FALSE(oldest_message_time(json::parse(GetParam().state)));
}

INSTANTIATE_TEST_SUITE_P(
    Server, StreamStateWithoutATime,
    ::testing::Values(
        OddState{"Empty", R"({"messages":0,"first_ts":"2026-11-22T10:00:01Z"})"},
        OddState{"OfTheYearOne", R"({"messages":1,"first_ts":"0001-01-01T00:00:00Z"})"},
        OddState{"NoTime", R"({"messages":1})"}, OddState{"NoCount", R"({"first_ts":"x"})"},
        OddState{"ANumber", R"({"messages":1,"first_ts":1795341601})"},
        OddState{"NoOffset", R"({"messages":1,"first_ts":"2026-11-22T10:00:01"})"},
        OddState{"Words", R"({"messages":1,"first_ts":"yesterday"})"},
        OddState{"NullTime", R"({"messages":1,"first_ts":null})"},
        OddState{"TextCount", R"({"messages":"1","first_ts":"2026-11-22T10:00:01Z"})"},
        OddState{"NoObject", R"([1])"}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace events::nats
