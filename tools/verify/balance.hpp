#pragma once

#include "common/segments/ids.hpp"
#include "common/segments/record.hpp"
#include "common/segments/segment.hpp"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace events::verify {

/// What the table and its segments have of a span of time. Of each event there is a checksum of all
/// that a segment knows of it; `checksums` has those of the segments' events less those of the
/// table's rows. The same events add up to 0, in whatever order; others do by one chance in 2^64.
struct Span {
    std::int64_t first = 0;  ///< microseconds since 1970
    std::int64_t rows = 0;
    std::int64_t events = 0;  ///< of the segments and the changes
    std::uint64_t checksums = 0;
    std::uint64_t more_checksums = 0;  ///< with another key

    [[nodiscard]] bool is_even() const noexcept {
        return rows == events && checksums == 0 && more_checksums == 0;
    }
};

/// Holds rows against segments in one pass, in any order, with memory for spans and not for events.
class Balance {
  public:
    /// `width` of a span in microseconds.
    Balance(Source source, std::int64_t width, const segments::Seed& seed)
        : source_{source}, width_{width}, seed_{seed} {}

    void add_row(const segments::Record& row);
    void add_change(const segments::Record& change);
    /// The events of the window.
    void add_segment(const segments::Segment& segment, const segments::TimeRange& window);

    [[nodiscard]] std::int64_t rows() const;
    [[nodiscard]] std::int64_t width() const noexcept { return width_; }
    /// Those that have any, ascending.
    [[nodiscard]] std::vector<Span> spans() const;

  private:
    Span& span_of(std::int64_t time);

    Source source_;
    std::int64_t width_;
    segments::Seed seed_;
    std::unordered_map<std::int64_t, Span> spans_;  ///< by time / width
    Span* latest_ = nullptr;
};

}  // namespace events::verify
