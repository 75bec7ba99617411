#pragma once

#include "common/segments/ids.hpp"
#include "common/segments/question.hpp"
#include "common/segments/segment.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace events::segments {

/// A question's range and its series' buckets, cut into pieces of one bucket each.
class Timeline {
  public:
    static constexpr std::uint32_t kOutside = 0xffff'ffff;  ///< no bucket: out of the range
    static constexpr std::uint32_t kCut = 0xffff'fffe;      ///< of a minute: more than one of them

    explicit Timeline(const Question& question);

    /// A bucket's number, or kOutside. Without a series there is bucket 0.
    [[nodiscard]] std::uint32_t bucket_of(std::int64_t time) const;
    /// The bucket that the times from `first` to `last`, both included, share; kCut if none.
    [[nodiscard]] std::uint32_t shared_bucket(std::int64_t first, std::int64_t last) const;
    /// shared_bucket() of each minute of a segment, by its code; empty where there are very many.
    [[nodiscard]] std::vector<std::uint32_t> minutes_of(const ColumnView& minute) const;

  private:
    std::int64_t from_;
    std::int64_t to_;
    std::vector<std::int64_t> buckets_;
    std::vector<std::int64_t> cuts_;  ///< first instants of pieces, ascending
};

/// A segment to be asked and, where they are at hand, its sums: these answer instead of its rows
/// where they can.
struct ScanInput {
    Segment segment;
    const std::vector<HourSum>* sums = nullptr;
};

/// A row's code has to be in the range.
struct Test {
    const ColumnView* column = nullptr;
    CodeRange codes;
};

/// How a segment's codes become the values that a question's groups are made of.
struct PlannedKey {
    const ColumnView* column = nullptr;  ///< null: all rows have values[0]
    std::vector<std::uint64_t> starts;   ///< numbers: the first codes of all groups but the first
    std::vector<std::uint32_t> values;   ///< by code, or by group from 1; 0 is null's
};

/// What a question means to a segment's codes.
struct Plan {
    const Segment* segment = nullptr;
    std::vector<Test> tests;
    std::vector<PlannedKey> keys;
    const ColumnView* revenue = nullptr;  ///< set where only rows with revenue count
    const ColumnView* sign = nullptr;
    std::uint32_t bucket = 0;            ///< of all rows, unless Timeline::kCut
    std::vector<std::uint32_t> minutes;  ///< Timeline::minutes_of
};

/// A sum as a part of the answer.
struct PlannedSum {
    std::vector<std::uint32_t> values;  ///< one a key
    std::uint32_t bucket = 0;
    Figures figures;
};

/// Translates a question for the segments it is asked of. The plans refer to the segments.
class Planner {
  public:
    Planner(const Question& question, const Seed& seed);

    void add(const ScanInput& input);

    [[nodiscard]] const std::vector<Plan>& plans() const noexcept { return plans_; }
    [[nodiscard]] const std::vector<PlannedSum>& sums() const noexcept { return sums_; }
    [[nodiscard]] const Timeline& timeline() const noexcept { return timeline_; }
    /// The text of a group's value; nothing for null.
    [[nodiscard]] std::optional<std::string_view> text(std::uint32_t value) const;

  private:
    [[nodiscard]] bool sums_answer(const ScanInput& input) const;
    void add_sums(const ScanInput& input);
    std::optional<Plan> plan(const Segment& segment);
    PlannedKey plan_key(const Key& key, const Plan& plan);

    const Question& question_;
    Timeline timeline_;
    TextIds texts_;
    std::vector<Plan> plans_;
    std::vector<PlannedSum> sums_;
};

}  // namespace events::segments
