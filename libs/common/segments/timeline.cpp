#include "common/segments/format.hpp"
#include "common/segments/plan.hpp"

#include <algorithm>

namespace events::segments {

Timeline::Timeline(const Question& question)
    : range_{question.from, question.to}, buckets_{question.buckets}, cuts_{question.buckets} {
    if (!cuts_.empty()) cuts_.erase(cuts_.begin());
    cuts_.push_back(range_.first);
    if (range_.last != TimeRange{}.last) cuts_.push_back(range_.last + 1);
    std::ranges::sort(cuts_);
}

std::uint32_t Timeline::bucket_of(std::int64_t time) const {
    if (!range_.has(time)) return kOutside;
    const auto behind = std::ranges::upper_bound(buckets_, time) - buckets_.begin();
    return behind == 0 ? 0 : static_cast<std::uint32_t>(behind - 1);
}

std::uint32_t Timeline::shared_bucket(const TimeRange& times) const {
    const auto cut = std::ranges::upper_bound(cuts_, times.first);
    return cut != cuts_.end() && *cut <= times.last ? kCut : bucket_of(times.first);
}

std::vector<std::uint32_t> Timeline::minutes_of(const ColumnView& minute,
                                                const TimeRange& window) const {
    constexpr std::uint64_t kMostMinutes = 1 << 17;  // three months
    constexpr auto kLength = format::kMicrosecondsPerMinute;
    if (minute.greatest > kMostMinutes) return {};
    std::vector<std::uint32_t> buckets(minute.greatest + 1, kCut);
    for (std::uint64_t code = 1; code <= minute.greatest; ++code) {
        std::int64_t first = 0;
        std::int64_t last = 0;
        // The first and the last minute of all times are not whole.
        if (__builtin_mul_overflow(minute.number(code), kLength, &first) ||
            __builtin_add_overflow(first, kLength - 1, &last)) {
            continue;
        }
        if (window.covers({first, last})) buckets[code] = shared_bucket({first, last});
    }
    return buckets;
}

}  // namespace events::segments
