#include "common/nats/publish_batch.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace events::nats::test {
namespace {

using Clock = PublishBatch::Clock;

constexpr auto kLater = Clock::time_point::max();

PublishOutcome stored() {
    return {.status = PublishStatus::stored, .code = 0, .error = {}};
}

/// A batch, how often it was done, and what it gave.
struct Observed {
    PublishBatch batch{[this](PublishOutcomes all, std::optional<Clock::duration> time) {
        ++calls;
        outcomes = std::move(all);
        took = time;
    }};
    int calls = 0;
    PublishOutcomes outcomes;
    std::optional<Clock::duration> took;
};

TEST(PublishBatch, IsDoneWithItsLastOutcome) {
    Observed observed;
    const auto first = observed.batch.open_slot();
    const auto second = observed.batch.open_slot();
    observed.batch.settle(second, {.status = PublishStatus::refused, .code = 7, .error = "full"});
    observed.batch.finish();
    EXPECT_EQ(observed.calls, 0);
    observed.batch.settle(first, stored());
    ASSERT_EQ(observed.calls, 1);
    EXPECT_EQ(observed.outcomes.at(first).status, PublishStatus::stored);
    EXPECT_EQ(observed.outcomes.at(second).code, 7);
    EXPECT_TRUE(observed.took);
}

TEST(PublishBatch, IsNotDoneBeforeItIsFinished) {
    Observed observed;
    observed.batch.settle(observed.batch.open_slot(), stored());
    EXPECT_EQ(observed.calls, 0);
    observed.batch.finish();
    EXPECT_EQ(observed.calls, 1);
}

TEST(PublishBatch, TakesNoTimeWithoutMessages) {
    Observed observed;
    observed.batch.finish();
    EXPECT_EQ(observed.calls, 1);
    EXPECT_FALSE(observed.took);
}

TEST(PublishBatch, KeepsTheFirstOutcomeOfAMessage) {
    Observed observed;
    const auto index = observed.batch.open_slot();
    EXPECT_EQ(observed.batch.give_up(kLater, "too late"), 1U);
    observed.batch.settle(index, stored());
    observed.batch.finish();
    ASSERT_EQ(observed.calls, 1);
    EXPECT_EQ(observed.outcomes.at(index).status, PublishStatus::unreachable);
    EXPECT_EQ(observed.outcomes.at(index).error, "too late");
}

TEST(PublishBatch, DoesNotWriteWhatItGaveUp) {
    Observed observed;
    const auto index = observed.batch.open_slot();
    EXPECT_TRUE(observed.batch.begin_write(index, 1));
    EXPECT_EQ(observed.batch.give_up(kLater, "too late"), 1U);
    EXPECT_FALSE(observed.batch.begin_write(index, 1));
}

TEST(PublishBatch, GivesUpWhatWentWithItsConnectionOnly) {
    Observed observed;
    const auto lost = observed.batch.open_slot();
    const auto written_since = observed.batch.open_slot();
    const auto not_written = observed.batch.open_slot();
    EXPECT_TRUE(observed.batch.begin_write(lost, 1));
    EXPECT_TRUE(observed.batch.begin_write(written_since, 2));
    observed.batch.finish();
    EXPECT_EQ(observed.batch.give_up_lost(2, "the connection was lost"), 1U);
    EXPECT_EQ(observed.batch.give_up_lost(2, "the connection was lost"), 0U);
    observed.batch.settle(written_since, stored());
    observed.batch.settle(not_written, stored());
    ASSERT_EQ(observed.calls, 1);
    EXPECT_EQ(observed.outcomes.at(lost).error, "the connection was lost");
    EXPECT_TRUE(observed.outcomes.at(written_since).durable());
}

TEST(PublishBatch, CountsAnAcknowledgementFromTheStreamThatWasNamedOnly) {
    // A stream of another name had the subject; its acknowledgement was taken for ours.
    Observed observed;
    const auto ours = observed.batch.open_slot("EVENTS_TIKTOK");
    const auto foreign = observed.batch.open_slot("EVENTS_TIKTOK");
    const auto known_to_foreign = observed.batch.open_slot("EVENTS_TIKTOK");
    const auto nameless = observed.batch.open_slot("EVENTS_TIKTOK");
    const auto refused = observed.batch.open_slot("EVENTS_TIKTOK");
    const auto of = [](PublishStatus status, const char* stream) {
        return PublishOutcome{.status = status, .code = 0, .error = {}, .stream = stream};
    };
    observed.batch.settle(ours, of(PublishStatus::stored, "EVENTS_TIKTOK"));
    observed.batch.settle(foreign, of(PublishStatus::stored, "ORDERS"));
    observed.batch.settle(known_to_foreign, of(PublishStatus::duplicate, "ORDERS"));
    observed.batch.settle(nameless, stored());
    observed.batch.settle(refused, {.status = PublishStatus::refused, .code = 7, .error = "full"});
    observed.batch.finish();
    ASSERT_EQ(observed.calls, 1);
    EXPECT_TRUE(observed.outcomes.at(ours).durable());
    for (const auto index : {foreign, known_to_foreign, nameless}) {
        EXPECT_FALSE(observed.outcomes.at(index).durable());
        EXPECT_TRUE(observed.outcomes.at(index).stream_missing());
    }
    EXPECT_NE(observed.outcomes.at(foreign).error.find("ORDERS"), std::string::npos);
    EXPECT_EQ(observed.outcomes.at(refused).code, 7);
}

TEST(PublishBatch, GivesNothingUpThatWasWrittenSince) {
    Observed observed;
    const auto index = observed.batch.open_slot();
    const auto heard_after = Clock::now();
    while (Clock::now() == heard_after) {
    }
    EXPECT_TRUE(observed.batch.begin_write(index, 1));
    EXPECT_EQ(observed.batch.give_up(heard_after, "too late"), 0U);
}

}  // namespace
}  // namespace events::nats::test
