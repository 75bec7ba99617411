#include "common/segments/format.hpp"
#include "common/segments/scan.hpp"

#include <algorithm>

namespace events::segments {
namespace {

/// The time of unit `number`, as far as there is time.
TimeRange unit_of(std::int64_t number, std::int64_t width) {
    TimeRange unit;
    if (__builtin_mul_overflow(number, width, &unit.first)) unit.first = TimeRange{}.first;
    if (__builtin_mul_overflow(number + 1, width, &unit.last)) return {unit.first};
    return {unit.first, unit.last - 1};
}

/// From the first to the last event within `range`, in steps that begin wide and become a unit.
std::optional<TimeRange> span_within(Question question, std::span<const ScanInput> runs,
                                     TimeRange range, std::int64_t unit,
                                     const ScanOptions& options) {
    constexpr std::int64_t kMostBuckets = 1'024;
    auto width = unit;
    const auto number_of = [&](std::int64_t time) { return format::floor_div(time, width); };
    while (number_of(range.last) - number_of(range.first) >= kMostBuckets) width *= kMostBuckets;
    const auto first = number_of(range.first);
    const auto last = number_of(range.last);
    question.buckets.clear();
    for (auto at = first; at <= last; ++at) question.buckets.push_back(unit_of(at, width).first);
    question.from = std::max(question.from, unit_of(first, width).first);
    question.to = std::min(question.to, unit_of(last, width).last);
    const auto series = scan(question, runs, options).series;
    std::vector<TimeRange> found;
    for (auto at = first; at <= last; ++at) {
        const auto count = series[static_cast<std::size_t>(at - first)].count;
        if (count != 0) found.push_back(unit_of(at, width));
    }
    if (found.empty()) return std::nullopt;
    TimeRange ends{found.front().first, found.back().last};
    if (width == unit) return ends;
    ends.first = span_within(question, runs, found.front(), unit, options)->first;
    ends.last = span_within(question, runs, found.back(), unit, options)->last;
    return ends;
}

}  // namespace

std::optional<TimeRange> span_of(const Question& question, std::span<const ScanInput> runs,
                                 std::int64_t unit, const ScanOptions& options) {
    TimeRange all{TimeRange{}.last, TimeRange{}.first};
    for (const auto& run : runs) {
        if (need_of(question, run.info) == Need::nothing) continue;
        all = {std::min(all.first, run.info.times.first), std::max(all.last, run.info.times.last)};
    }
    all = all & TimeRange{question.from, question.to};
    if (all.is_empty()) return std::nullopt;
    auto counted = question;
    counted.keys.clear();
    if (counted.figure == Figure::users) counted.figure = Figure::events;
    return span_within(std::move(counted), runs, all, unit, options);
}

}  // namespace events::segments
