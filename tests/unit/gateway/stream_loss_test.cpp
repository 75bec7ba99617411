#include "gateway/stream_loss.hpp"

#include <gtest/gtest.h>

namespace events::gateway {
namespace {

StreamSnapshot snapshot(std::uint64_t first, std::uint64_t last, const char* created = "monday") {
    return {.stream = {.messages = last + 1 - first,
                       .first_sequence = first,
                       .last_sequence = last,
                       .created = created},
            .consumer = std::nullopt};
}

StreamSnapshot with_consumer(StreamSnapshot stream, std::uint64_t delivered_to,
                             std::uint64_t deliveries, const char* created = "monday") {
    stream.consumer = nats::ConsumerInfo{
        .delivered_to = delivered_to, .deliveries = deliveries, .created = created};
    return stream;
}

constexpr bool kQueue = true;
constexpr bool kNoQueue = false;

TEST(StreamLoss, OfAStreamThatIsGoneOrAnotherOneIsAllThatItHeld) {
    const auto before = with_consumer(snapshot(11, 2'635), 20, 20);
    EXPECT_EQ(lost_messages(before, std::nullopt, kQueue), 2'625U);
    EXPECT_EQ(lost_messages(before, std::nullopt, kNoQueue), 2'625U);
    EXPECT_EQ(lost_messages(before, snapshot(1, 0, "tuesday"), kQueue), 2'625U);
    EXPECT_EQ(lost_messages(before, snapshot(1, 9'000, "tuesday"), kNoQueue), 2'625U);
    EXPECT_EQ(lost_messages(snapshot(1, 0), std::nullopt, kQueue), 0U);
}

TEST(StreamLoss, IsNothingBeforeTheFirstLook) {
    EXPECT_EQ(lost_messages(std::nullopt, snapshot(1, 9), kQueue), 0U);
    EXPECT_EQ(lost_messages(std::nullopt, std::nullopt, kQueue), 0U);
}

TEST(StreamLoss, IsNothingWhereACollectorHadEverything) {
    const auto before = with_consumer(snapshot(1, 100), 40, 40);
    EXPECT_EQ(lost_messages(before, with_consumer(snapshot(101, 100), 100, 100), kQueue), 0U);
    // Delivered again, and a hundred more that came and went meanwhile.
    EXPECT_EQ(lost_messages(before, with_consumer(snapshot(201, 200), 200, 230), kQueue), 0U);
}

TEST(StreamLoss, ByAPurgeIsWhatWasNeverDelivered) {
    // As nats-server 2.9.10 says it: 20 messages, 5 of them delivered, then a purge.
    const auto before = with_consumer(snapshot(4, 20), 5, 5);
    EXPECT_EQ(lost_messages(before, with_consumer(snapshot(21, 20), 20, 5), kQueue), 15U);
    // Three came after that, and two of them are delivered.
    EXPECT_EQ(lost_messages(before, with_consumer(snapshot(21, 23), 22, 7), kQueue), 15U);
}

TEST(StreamLoss, IsNothingWhereTheConsumerIsANewOne) {
    const auto before = with_consumer(snapshot(100, 200), 150, 150);
    EXPECT_EQ(lost_messages(before, with_consumer(snapshot(100, 200), 99, 0, "today"), kQueue), 0U);
    EXPECT_EQ(lost_messages(before, snapshot(150, 200), kQueue), 0U);
    // Its first message is the stream's first, not the first that there ever was.
    const auto fresh = with_consumer(snapshot(100, 200), 0, 0);
    EXPECT_EQ(lost_messages(fresh, with_consumer(snapshot(102, 200), 101, 2), kQueue), 0U);
}

TEST(StreamLoss, IsNothingWhereAnotherCopyOfAClusterIsBehind) {
    const auto before = with_consumer(snapshot(90, 200), 100, 110);
    EXPECT_EQ(lost_messages(before, with_consumer(snapshot(85, 190), 95, 95), kQueue), 0U);
    const auto behind = with_consumer(snapshot(85, 190), 95, 105);
    EXPECT_EQ(lost_messages(behind, with_consumer(snapshot(90, 200), 100, 110), kQueue), 0U);
}

TEST(StreamLoss, WithoutAConsumerIsWhatNobodyCanHaveTaken) {
    EXPECT_EQ(lost_messages(snapshot(1, 10), snapshot(11, 10), kQueue), 10U);
    EXPECT_EQ(lost_messages(snapshot(1, 10), snapshot(13, 14), kQueue), 12U);
    EXPECT_EQ(lost_messages(snapshot(1, 10), snapshot(1, 14), kQueue), 0U);
    StreamSnapshot unused;
    unused.stream.created = "monday";
    EXPECT_EQ(lost_messages(unused, snapshot(1, 4), kQueue), 0U);
    EXPECT_EQ(lost_messages(snapshot(1, 10), snapshot(8, 17), kNoQueue), 0U);  // the oldest go
}

}  // namespace
}  // namespace events::gateway
