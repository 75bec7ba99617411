#include "common/segments/scan.hpp"

#include "common/segments/merge.hpp"
#include "unit/segments/recount.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace events::segments {
namespace {

/// Events and the segments that hold them, in batches that are merged at random.
class Store {
  public:
    explicit Store(Dice& dice) : dice_{dice}, seed_{dice.below(1'000), dice.below(1'000)} {}

    void add(Source source, std::vector<Sample> batch) {
        samples.insert(samples.end(), batch.begin(), batch.end());
        if (auto segment = encode(source, records_of(batch), seed_))
            keep(source, *std::move(segment));
    }

    /// Merges some of a source's segments, in their order or not.
    void merge(Source source) {
        std::vector<NextPart> inputs;
        for (std::size_t i = 0; i < segments_.size();) {
            if (segments_[i].source() != source || dice_.one_in(3)) {
                ++i;
                continue;
            }
            inputs.push_back(input_of(segments_[i]));
            segments_.erase(segments_.begin() + static_cast<std::ptrdiff_t>(i));
            sums_.erase(sums_.begin() + static_cast<std::ptrdiff_t>(i));
        }
        std::ranges::reverse(inputs);
        Merge merge{
            source, std::move(inputs), {.rows_per_part = 1 + dice_.below(300), .seed = seed_}};
        while (auto part = merge.next()) keep(source, *std::move(part));
    }

    [[nodiscard]] std::vector<ScanInput> inputs(bool with_sums) const {
        std::vector<ScanInput> inputs;
        for (std::size_t i = 0; i < segments_.size(); ++i) {
            inputs.push_back({segments_[i], with_sums ? &sums_[i] : nullptr});
        }
        return inputs;
    }

    void check(const Question& question) const {
        const auto expected = recount(question, samples);
        ASSERT_EQ(scan(question, inputs(false), {.threads = 1, .seed = seed_}), expected)
            << question;
        ASSERT_EQ(scan(question, inputs(true), {.threads = 3, .seed = seed_}), expected)
            << question;
    }

    std::vector<Sample> samples;

  private:
    void keep(Source source, NewSegment segment) {
        EXPECT_EQ(std::ranges::count_if(
                      segment.sums, [](const HourSum& sum) { return sum.funnel_stage.empty(); }),
                  0);
        segments_.push_back(decoded(std::move(segment.bytes)));
        sums_.push_back(std::move(segment.sums));
        const auto& decoded = segments_.back();
        EXPECT_EQ(decoded.source(), source);
        EXPECT_EQ(decoded.rows(), segment.rows);
        EXPECT_EQ(decoded.first_time(), segment.first_time);
        EXPECT_EQ(decoded.last_time(), segment.last_time);
        EXPECT_EQ(decoded.is_signed(), segment.is_signed);
    }

    Dice& dice_;
    Seed seed_;
    std::vector<Segment> segments_;
    std::vector<std::vector<HourSum>> sums_;
};

std::vector<Sample> random_batch(Dice& dice, Source source, const std::vector<Sample>& stored) {
    std::vector<Sample> batch;
    for (auto count = dice.below(300); count > 0; --count) {
        batch.push_back(random_sample(dice, source));
    }
    // Some of the events that are stored are deleted, each once.
    std::vector<bool> is_taken(stored.size());
    for (auto count = dice.below(60); count > 0 && !stored.empty(); --count) {
        const auto at = dice.below(stored.size());
        auto sample = stored[at];
        if (sample.source != source || sample.taken_back || is_taken[at]) continue;
        is_taken[at] = true;
        sample.taken_back = true;
        batch.push_back(std::move(sample));
    }
    return batch;
}

class Property : public ::testing::TestWithParam<int> {};

// Any writes, merges and removals between any questions: every figure of every answer, the total,
// the groups, the series and the groups' series, is that of a recount.
TEST_P(Property, EveryAnswerIsThatOfARecount) {
    Dice dice{static_cast<std::uint64_t>(GetParam())};
    Store store{dice};
    for (int step = 0; step < 12; ++step) {
        const auto source = dice.of(kSources).second;
        if (dice.one_in(3)) {
            store.merge(source);
        } else {
            store.add(source, random_batch(dice, source, store.samples));
        }
        for (int question = 0; question < 12; ++question) {
            store.check(random_question(dice));
            if (HasFatalFailure()) return;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Property, ::testing::Range(0, 12));

// The series of the groups were written by numbers of groups that nothing had counted: found by the
// fuzz target.
TEST(Scan, KnowsAGroupThatIsNothingInAllAndSomethingInEachBucket) {
    std::vector<Sample> samples(2,
                                {.source = Source::tiktok, .user_id = "u", .event_type = "like"});
    samples[0].taken_back = true;
    samples[1].time = 1;
    for (const auto figure : {Figure::events, Figure::users}) {
        const Question question{
            .figure = figure, .keys = {{Column::source}, {Column::event_type}}, .buckets = {0, 1}};
        const std::vector<ScanInput> inputs{{segment_of(samples)}};
        EXPECT_EQ(scan(question, inputs, {}), recount(question, samples)) << question;
    }
}

}  // namespace
}  // namespace events::segments
