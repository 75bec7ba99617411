#pragma once

#include "common/segments/encode.hpp"
#include "common/segments/question.hpp"
#include "common/segments/scan.hpp"
#include "common/segments/segment.hpp"
#include "common/sources/facebook.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <random>
#include <span>
#include <string>
#include <vector>

// What the segments' tests, their fuzz target and their benchmark share. No GoogleTest here.
namespace events::segments {

/// An event of a source that owns its texts.
struct Sample {
    Source source = kFacebook;
    std::string user_id;
    std::int64_t time = 0;  ///< microseconds since 1970
    std::string funnel_stage{};
    std::string event_type{};
    std::optional<std::string> campaign_id{};
    std::optional<std::string> country{};
    std::optional<std::string> city{};
    std::optional<std::string> gender{};
    std::optional<std::string> device{};
    std::optional<std::int64_t> age{};
    std::optional<std::int64_t> followers{};
    std::optional<std::int64_t> revenue{};
    bool taken_back = false;
};

[[nodiscard]] Record record_of(const Sample& sample);
[[nodiscard]] std::vector<Record> records_of(std::span<const Sample> samples);

/// Encodes and decodes them; they must be of one source and not cancel each other.
[[nodiscard]] Segment segment_of(std::span<const Sample> samples, const Seed& seed = {});
/// Fails the program where the bytes are no segment.
[[nodiscard]] Segment decoded(std::vector<std::byte> bytes);

/// Answers the question by looking at each sample and by sets of users: slow and obvious. Samples
/// that are taken back count as -1, users where more is added than taken back.
[[nodiscard]] Answer recount(const Question& question, std::span<const Sample> samples);

/// As span_of().
[[nodiscard]] std::optional<TimeRange> recount_span(Question question,
                                                    std::span<const Sample> samples,
                                                    std::int64_t unit);

/// Random numbers below a bound; the same ones everywhere for the same seed.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : random_{seed} {}
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    bool one_in(std::uint64_t count) { return below(count) == 0; }
    template <typename Range>
    const auto& of(const Range& range) {
        return range[below(std::size(range))];
    }

  private:
    std::mt19937_64 random_;
};

/// Few values, so that they meet often: users with UUIDs and other ids, times within some days of
/// March 2026 with many at equal microseconds and at the ends of minutes, hours and days, nulls.
[[nodiscard]] Sample random_sample(Dice& dice, Source source);
/// Conditions, keys, ranges and buckets of every kind, most of them such that something matches.
[[nodiscard]] Question random_question(Dice& dice);

bool operator==(const Group& left, const Group& right);
bool operator==(const Answer& left, const Answer& right);
std::ostream& operator<<(std::ostream& out, const Answer& answer);
std::ostream& operator<<(std::ostream& out, const Question& question);

}  // namespace events::segments
