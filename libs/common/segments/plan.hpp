#pragma once

#include "common/segments/ids.hpp"
#include "common/segments/question.hpp"
#include "common/segments/scan.hpp"
#include "common/segments/segment.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
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
    /// The bucket that all times of the range share; kCut if none.
    [[nodiscard]] std::uint32_t shared_bucket(const TimeRange& times) const;
    /// shared_bucket() of each minute of a segment, by its code, where the window has it whole;
    /// empty where there are very many.
    [[nodiscard]] std::vector<std::uint32_t> minutes_of(const ColumnView& minute,
                                                        const TimeRange& window) const;

  private:
    TimeRange range_;
    std::vector<std::int64_t> buckets_;
    std::vector<std::int64_t> cuts_;  ///< first instants of pieces, ascending
};

/// A row's code has to be in the range.
struct Test {
    const ColumnView* column = nullptr;
    CodeRange codes;
};

/// How a segment's codes become parts of the numbers of groups.
struct PlannedKey {
    const ColumnView* column = nullptr;  ///< null: all rows have terms[0]
    std::vector<std::uint64_t> starts;   ///< of many numbers: first codes of all groups but one
    std::vector<std::uint64_t> terms;    ///< by code, or by group from 1; [0] is null's
};

/// What a question means to the codes of a part.
struct Plan {
    const Segment* segment = nullptr;
    TimeRange window;  ///< rows outside do not count
    std::vector<Test> tests;
    std::vector<PlannedKey> keys;
    std::uint64_t group = 0;              ///< the term of all keys that are the same in each row
    const ColumnView* revenue = nullptr;  ///< set where only rows with revenue count
    const ColumnView* sign = nullptr;
    std::uint32_t bucket = 0;            ///< of all rows, unless Timeline::kCut
    std::vector<std::uint32_t> minutes;  ///< Timeline::minutes_of
};

/// The rows of a plan that count, of some neighbours.
struct Selection {
    static constexpr std::size_t kRows = 1'024;
    template <typename T>
    using Values = std::array<T, kRows>;

    std::size_t begin = 0;
    std::size_t size = 0;
    const std::uint32_t* rows = nullptr;  ///< `size`, from `begin`
    Values<std::uint32_t> buckets;

    /// Of the rows from `from` to `to`, at most kRows.
    void select(const Plan& plan, const Timeline& timeline, std::size_t from, std::size_t to);

  private:
    void keep_in_range(const Plan& plan, const Timeline& timeline);

    Values<std::uint32_t> kept_;
};

/// Translates a question for the runs it is asked of. The plans refer to the runs' parts.
///
/// A group has a number: its keys' values, which are numbered by key, are the number's digits.
class Planner {
  public:
    /// Errors  as scan().
    Planner(const Question& question, std::span<const ScanInput> runs, const ScanOptions& options);

    [[nodiscard]] const std::vector<Plan>& plans() const noexcept { return plans_; }
    [[nodiscard]] const Timeline& timeline() const noexcept { return timeline_; }
    /// The numbers of groups are below.
    [[nodiscard]] std::uint64_t groups() const noexcept { return groups_; }
    /// The texts of a group's values; nothing for null.
    [[nodiscard]] std::vector<std::optional<std::string_view>> texts(std::uint64_t group) const;
    /// Of the parts that are planned, and of the sums.
    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }

    using UseSum =
        std::function<void(std::uint64_t group, std::uint32_t bucket, const Figures& figures)>;
    void for_each_sum(const UseSum& use) const;

  private:
    void add_texts(const ScanInput& run);
    void add_part(const Segment& part, const TimeRange& window);
    [[nodiscard]] bool matches(const EventKind& kind, Source source) const;
    PlannedKey plan_key(std::size_t key, const Plan& plan);
    void number_texts(std::size_t key, const Plan& plan, PlannedKey& planned);
    [[nodiscard]] std::vector<std::uint8_t> used_codes(const Plan& plan,
                                                       const ColumnView& column) const;
    void number_groups();

    const Question& question_;
    const ScanOptions& options_;
    Timeline timeline_;
    std::vector<TextIds> values_;         ///< by key
    std::vector<std::uint64_t> strides_;  ///< by key
    std::uint64_t groups_ = 1;
    std::vector<Plan> plans_;
    std::vector<const ScanInput*> sums_;  ///< runs that sums answer for
    std::size_t rows_ = 0;
};

}  // namespace events::segments
