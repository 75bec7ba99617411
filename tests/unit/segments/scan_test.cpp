#include "common/segments/scan.hpp"

#include "common/segments/merge.hpp"
#include "common/sources/tiktok.hpp"
#include "unit/segments/recount.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace events::segments {
namespace {

/// What a database keeps of a run.
struct Stored {
    Source source;
    Share share;
    std::vector<Segment> parts;

    [[nodiscard]] RunInfo info(bool with_sums) const {
        return {source, share.times, share.rows, with_sums};
    }
};

/// Events and the runs that hold them, in batches that are merged at random.
class Store {
  public:
    explicit Store(Dice& dice) : dice_{dice}, seed_{dice.below(1'000), dice.below(1'000)} {}

    /// A batch of several days becomes a run a day, which share a segment.
    void add(Source source, std::vector<Sample> batch) {
        samples.insert(samples.end(), batch.begin(), batch.end());
        std::vector<std::int64_t> days;
        while (dice_.below(5) > days.size()) days.push_back(random_day(days.size()));
        auto segment = encode(source, records_of(batch), seed_, days);
        if (!segment) return;
        const auto decoded = decode(*segment);
        for (auto& share : segment->shares) runs_.push_back({source, std::move(share), {decoded}});
    }

    /// Merges some of a source's runs, in their order or not.
    void merge(Source source) {
        std::vector<MergeInput> inputs;
        for (std::size_t i = 0; i < runs_.size();) {
            if (runs_[i].source != source || dice_.one_in(3)) {
                ++i;
                continue;
            }
            inputs.push_back(input_of(runs_[i]));
            runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(i));
        }
        std::ranges::reverse(inputs);
        Merge merge{
            source, std::move(inputs), {.rows_per_part = 1 + dice_.below(300), .seed = seed_}};
        Stored run{.source = source, .share = {}, .parts = {}};
        while (const auto part = merge.next()) run.parts.push_back(decode(*part));
        run.share = merge.share();
        if (run.share.rows > 0) runs_.push_back(std::move(run));
    }

    /// The runs, with no parts where sums answer.
    [[nodiscard]] std::vector<ScanInput> runs(const Question& question, bool with_sums) const {
        std::vector<ScanInput> runs;
        for (const auto& run : runs_) {
            const auto info = run.info(with_sums);
            runs.push_back({.info = info, .sums = with_sums ? &run.share.sums : nullptr});
            if (need_of(question, info) == Need::parts) runs.back().parts = run.parts;
        }
        return runs;
    }

    void check(const Question& question) const {
        const auto expected = recount(question, samples);
        const auto by_rows = runs(question, false);
        ASSERT_EQ(scan(question, by_rows, {.threads = 1, .seed = seed_}), expected) << question;
        ASSERT_EQ(scan(question, by_rows, {.threads = 2, .seed = seed_}), expected) << question;
        ASSERT_EQ(scan(question, runs(question, true), {.threads = 3, .seed = seed_}), expected)
            << question;
    }

    /// The span, by minutes and by hours, with sums and without, is what a recount by them finds.
    void check_span(Question question) const {
        question.buckets.clear();
        for (const auto unit : {std::int64_t{60'000'000}, std::int64_t{3'600'000'000}}) {
            const bool with_sums = unit > 60'000'000;
            ASSERT_EQ(span_of(question, runs(question, with_sums), unit, {.seed = seed_}),
                      recount_span(question, samples, unit))
                << question;
        }
    }

    std::vector<Sample> samples;

  private:
    static std::int64_t random_day(std::size_t number) {
        return (20'513 + static_cast<std::int64_t>(number)) * 86'400'000'000;
    }

    static MergeInput input_of(const Stored& run) {
        const auto next = [parts = run.parts, at = std::size_t{0}]() mutable {
            return at < parts.size() ? std::optional{parts[at++]} : std::nullopt;
        };
        return {.next = next, .window = run.share.times};
    }

    static Segment decode(const NewSegment& segment) {
        auto decoded = segments::decoded(segment.bytes);
        Share all;
        for (const auto& share : segment.shares) all.add(share);
        EXPECT_EQ(decoded.rows(), all.rows);
        EXPECT_EQ(decoded.times(), all.times);
        EXPECT_EQ(decoded.is_signed(), all.is_signed);
        return decoded;
    }

    Dice& dice_;
    Seed seed_;
    std::vector<Stored> runs_;
};

std::vector<Sample> random_batch(Dice& dice, Source source, const std::vector<Sample>& stored,
                                 std::vector<bool>& is_taken) {
    std::vector<Sample> batch;
    for (auto count = dice.below(300); count > 0; --count) {
        batch.push_back(random_sample(dice, source));
    }
    // Some of the events that are stored are deleted, each once.
    is_taken.resize(stored.size());
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

// Any writes, over several days or not, merges and removals between any questions: every figure of
// every answer, the total, the groups, the series and the groups' series, is that of a recount.
TEST_P(Property, EveryAnswerIsThatOfARecount) {
    Dice dice{static_cast<std::uint64_t>(GetParam())};
    Store store{dice};
    std::vector<bool> is_taken;
    for (int step = 0; step < 12; ++step) {
        const auto source = dice.of(sources());
        if (dice.one_in(3)) {
            store.merge(source);
        } else {
            store.add(source, random_batch(dice, source, store.samples, is_taken));
        }
        for (int question = 0; question < 12; ++question) {
            store.check(random_question(dice));
            store.check_span(random_question(dice));
            if (HasFatalFailure()) return;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Property, ::testing::Range(0, 12));

// The series of the groups were written by numbers of groups that nothing had counted: found by the
// fuzz target.
TEST(Scan, KnowsAGroupThatIsNothingInAllAndSomethingInEachBucket) {
    std::vector<Sample> samples(2, {.source = kTikTok, .user_id = "u", .event_type = "like"});
    samples[0].taken_back = true;
    samples[1].time = 1;
    for (const auto figure : {Figure::events, Figure::users}) {
        const Question question{
            .figure = figure, .keys = {{Column::source}, {Column::event_type}}, .buckets = {0, 1}};
        const std::vector<ScanInput> runs{scan_input(segment_of(samples))};
        EXPECT_EQ(scan(question, runs, {}), recount(question, samples)) << question;
    }
}

}  // namespace
}  // namespace events::segments
