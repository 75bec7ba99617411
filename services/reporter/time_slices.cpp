#include "reporter/time_slices.hpp"

#include <chrono>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;

std::chrono::microseconds length_of(Grain grain) {
    switch (grain) {
        case Grain::row:
            break;
        case Grain::minute:
            return 1min;
        case Grain::hour:
            return 1h;
        case Grain::day:
            return 24h;
    }
    return 1us;
}

Timestamp floor_to(Timestamp time, std::chrono::microseconds length) {
    const auto rest = time.time_since_epoch() % length;
    return time - (rest < 0us ? rest + length : rest);
}

Timestamp ceil_to(Timestamp time, std::chrono::microseconds length) {
    const auto floor = floor_to(time, length);
    return floor == time ? time : floor + length;
}

bool is_empty(const Range& range) {
    return range.begin && range.end && *range.begin >= *range.end;
}

/// The whole grains of the range; may be empty.
Range whole(const Range& range, Grain grain) {
    const auto length = length_of(grain);
    Range inner;
    if (range.begin) inner.begin = ceil_to(*range.begin, length);
    if (range.end) inner.end = floor_to(*range.end, length);
    return inner;
}

void add_slices(const Range& range, std::span<const Grain> grains, std::vector<Slice>& slices) {
    if (is_empty(range) || grains.empty()) return;
    const auto inner = whole(range, grains.front());
    if (is_empty(inner)) {
        add_slices(range, grains.subspan(1), slices);
        return;
    }
    if (inner.begin) add_slices({range.begin, inner.begin}, grains.subspan(1), slices);
    slices.push_back({grains.front(), inner});
    if (inner.end) add_slices({inner.end, range.end}, grains.subspan(1), slices);
}

}  // namespace

Range range_of(const Query& query) {
    Range range{.begin = query.from, .end = {}};
    if (query.to) range.end = *query.to + 1us;
    return range;
}

std::vector<Slice> cut(const Range& range, std::span<const Grain> grains) {
    std::vector<Slice> slices;
    add_slices(range, grains, slices);
    return slices;
}

std::optional<Range> whole_minutes(const Range& range) {
    const auto inner = whole(range, Grain::minute);
    if (is_empty(inner)) return std::nullopt;
    return inner;
}

}  // namespace events::reporter
