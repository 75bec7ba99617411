#pragma once

#include "common/segments/ids.hpp"
#include "common/segments/question.hpp"
#include "common/segments/segment.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <vector>

namespace events::segments {

/// What the catalogue tells of some events of a source: all of a segment's, or of the segments that
/// a merge made, or a share of a segment of several days.
struct RunInfo {
    Source source;
    /// Of the first and of the last event. Rows of the parts that lie outside are other runs' and
    /// not looked at; where there are none, this costs nothing.
    TimeRange times;
    std::uint64_t rows = 0;
    bool has_sums = false;
};

/// What answers a question about a run.
enum class Need : std::uint8_t {
    nothing,  ///< no event of it can match
    sums,     ///< without any part
    parts,
};
[[nodiscard]] Need need_of(const Question& question, const RunInfo& run);

/// A run and what it takes to ask it: no parts where need_of() can do without.
struct ScanInput {
    RunInfo info;
    const Sums* sums = nullptr;  ///< set where info.has_sums
    std::vector<Segment> parts{};
};

/// A run of one segment whole.
[[nodiscard]] ScanInput scan_input(Segment segment);

struct ScanOptions {
    std::size_t threads = 1;  ///< the caller's and those that it starts
    Seed seed{};
    std::stop_token stop{};  ///< looked at every few milliseconds
};

/// A scan that was asked to stop.
class Stopped : public std::runtime_error {
  public:
    Stopped() : std::runtime_error{"the scan was stopped"} {}
};

/// An answer needs more groups, or groups within buckets, than Question::max_groups.
class TooManyGroups : public std::runtime_error {
  public:
    TooManyGroups()
        : std::runtime_error{
              "the question has too many groups: ask for a shorter time, with more filters or by "
              "fewer columns"} {}
};

/// Answers a question about the events of the runs, of any sources, days and sizes: exactly, as
/// counting the events' rows would. All of a question's figures come from one look at each row.
///
/// Cost    grows with the rows of the parts that the question's range can hold; memory with the
///         number of groups, and of groups times buckets.
/// Errors  Stopped, TooManyGroups; std::invalid_argument where a run lacks the parts it needs.
[[nodiscard]] Answer scan(const Question& question, std::span<const ScanInput> runs,
                          const ScanOptions& options);

/// The time from the first to the last event that meets the question's range and conditions (with
/// revenue, for Figure::revenue), rounded outwards to whole units: of a minute, an hour or a
/// multiple. Hours need no more than scan() of the question without buckets, so that sums answer
/// where they answer that. Nothing where no event does. Cost and errors as scan().
[[nodiscard]] std::optional<TimeRange> span_of(const Question& question,
                                               std::span<const ScanInput> runs, std::int64_t unit,
                                               const ScanOptions& options);

}  // namespace events::segments
