#include "common/collector/merge_policy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>

namespace events::collector {
namespace {

using namespace std::chrono_literals;
using Ids = std::vector<std::int64_t>;

constexpr MergeLimits kLimits{};

/// So many segments of a level; their ids go on from `first`.
std::vector<MergeCandidate> segments_of(std::size_t count, int level, std::uint64_t rows,
                                        std::chrono::seconds age, std::int64_t first = 1) {
    std::vector<MergeCandidate> segments;
    for (std::size_t i = 0; i < count; ++i) {
        segments.push_back({.id = first + static_cast<std::int64_t>(i),
                            .level = level,
                            .rows = rows,
                            .part_bytes = std::min<std::uint64_t>(rows, 65'536) * 40,
                            .age = age});
    }
    return segments;
}

void add(std::vector<MergeCandidate>& to, const std::vector<MergeCandidate>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

Ids numbers(std::size_t count) {
    Ids ids(count);
    std::iota(ids.begin(), ids.end(), 1);
    return ids;
}

TEST(MergePolicy, FoldsWhenThereAreManyOrTheOldestIsOld) {
    struct Case {
        std::size_t count;
        std::chrono::seconds age;
        bool folds;
    };
    for (const auto& [count, age, folds] :
         {Case{0, 0s, false}, Case{1, 100s, false}, Case{2, 5s, false}, Case{2, 6s, true},
          Case{63, 0s, false}, Case{64, 0s, true}}) {
        const auto planned = choose_fold(segments_of(count, 0, 100, age), kLimits);
        ASSERT_EQ(planned.has_value(), folds) << count;
        if (!planned) continue;
        EXPECT_EQ(planned->level, 1);
        EXPECT_EQ(planned->ids, numbers(count));
    }
}

TEST(MergePolicy, GivesAPartitionABlobOfItsOwn) {
    auto segments = segments_of(1, 0, 100, 6s);
    EXPECT_FALSE(choose_fold(segments, kLimits));
    segments[0].shares_blob = true;
    EXPECT_TRUE(choose_fold(segments, kLimits));
    segments[0].age = 5s;
    EXPECT_FALSE(choose_fold(segments, kLimits)) << "others may come";
}

TEST(MergePolicy, FoldsLevel0Alone) {
    auto segments = segments_of(64, 0, 100, 0s);
    add(segments, segments_of(15, 1, 100, 0s, 100));
    EXPECT_EQ(choose_fold(segments, kLimits)->ids, numbers(64));
    EXPECT_FALSE(choose_merge(segments, kLimits));
}

TEST(MergePolicy, MergesTheLowestFullLevel) {
    auto segments = segments_of(16, 2, 1'000'000, 0s, 100);
    EXPECT_EQ(choose_merge(segments, kLimits)->level, 3);
    add(segments, segments_of(17, 1, 65'000, 0s));
    const auto planned = choose_merge(segments, kLimits);
    EXPECT_EQ(planned->level, 2);
    EXPECT_EQ(planned->ids, numbers(17));
}

TEST(MergePolicy, BoundsWhatAMergeHolds) {
    auto segments = segments_of(1'000, 0, 10, 6s);
    EXPECT_EQ(choose_fold(segments, kLimits)->ids, numbers(256));
    // Rows with texts of a kilobyte: a part each is more than memory allows.
    segments = segments_of(20, 1, 65'536, 0s);
    for (auto& segment : segments) segment.part_bytes = 20 << 20;
    EXPECT_EQ(choose_merge(segments, kLimits)->ids, numbers(2));
    for (auto& segment : segments) segment.part_bytes = std::uint64_t{200} << 20;
    EXPECT_EQ(choose_merge(segments, kLimits)->ids, numbers(2)) << "else none ever were";
}

TEST(MergePolicy, TidiesUpAQuietPartition) {
    auto segments = segments_of(3, 2, 1'000'000, 300s);
    add(segments, segments_of(5, 1, 65'000, 300s, 4));
    segments.push_back(segments_of(1, 0, 100, 299s, 9).front());
    EXPECT_FALSE(choose_merge(segments, kLimits));
    segments.back().age = 300s;
    const auto planned = choose_merge(segments, kLimits);
    EXPECT_EQ(planned->level, 2);
    EXPECT_EQ(planned->ids.size(), 9U);
}

TEST(MergePolicy, LeavesALargeSegmentAloneForAFewLateEvents) {
    auto segments = segments_of(1, 3, 10'000'000, 300s);
    add(segments, segments_of(1, 0, 1'000, 300s, 2));
    EXPECT_FALSE(choose_merge(segments, kLimits));
    add(segments, segments_of(1, 0, 1'000, 300s, 3));
    EXPECT_EQ(choose_merge(segments, kLimits)->ids, (Ids{2, 3}));
    segments[1].rows = 700'000;
    EXPECT_EQ(choose_merge(segments, kLimits)->ids.size(), 3U);
}

TEST(MergePolicy, CancelsEventsThatWereTakenBackLongAgo) {
    auto segments = segments_of(1, 3, 10'000'000, 3'600s);
    add(segments, segments_of(1, 0, 5, 599s, 2));
    segments[1].is_signed = true;
    EXPECT_FALSE(choose_merge(segments, kLimits));
    segments[1].age = 600s;
    EXPECT_EQ(choose_merge(segments, kLimits)->ids, (Ids{2, 1}));
    // Also while the day still gets events: a person who was erased must not stay in it.
    add(segments, segments_of(1, 0, 1, 0s, 3));
    EXPECT_EQ(choose_merge(segments, kLimits)->ids, (Ids{2, 3, 1})) << "what takes back first";
}

/// Late events for ever: what is written stays a small multiple of what came, and few are left.
TEST(MergePolicy, WritesEachRowAFewTimes) {
    auto segments = segments_of(1, 3, 1'000'000, 300s);
    std::int64_t next = 2;
    std::uint64_t written = 0;
    for (int round = 0; round < 3'000; ++round) {
        add(segments, segments_of(1, 0, 1'000, 300s, next++));
        while (const auto planned = choose_merge(segments, kLimits)) {
            ASSERT_GE(planned->ids.size(), 2U);
            MergeCandidate merged{.id = next++, .level = planned->level, .age = 300s};
            std::erase_if(segments, [&](const auto& segment) {
                const bool is_merged = std::ranges::count(planned->ids, segment.id) > 0;
                if (is_merged) merged.rows += segment.rows;
                return is_merged;
            });
            written += merged.rows;
            segments.push_back(merged);
        }
        ASSERT_LE(segments.size(), 6U);
    }
    EXPECT_LT(written, 100 * 4'000'000U);
}

TEST(MergePolicy, DoesNothingToASingleSegment) {
    auto segments = segments_of(1, 0, 1'000, 100'000s);
    segments[0].is_signed = true;
    EXPECT_FALSE(choose_fold(segments, kLimits));
    EXPECT_FALSE(choose_merge(segments, kLimits));
    EXPECT_FALSE(choose_merge({}, kLimits));
}

}  // namespace
}  // namespace events::collector
