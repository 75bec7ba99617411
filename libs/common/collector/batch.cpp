#include "common/collector/batch.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace events::collector {

std::chrono::sys_days day_of(const StorableEvent& event) {
    return std::chrono::floor<std::chrono::days>(event.event.timestamp);
}

void sort_by_day(Batch& batch, std::size_t first, std::size_t count) {
    std::vector<std::pair<StorableEvent, Origin>> sorted;
    sorted.reserve(count);
    for (auto i = first; i < first + count; ++i) {
        sorted.emplace_back(batch.events[i], batch.origins[i]);
    }
    std::ranges::stable_sort(sorted, {}, [](const auto& each) { return day_of(each.first); });
    for (std::size_t i = 0; i < count; ++i) {
        std::tie(batch.events[first + i], batch.origins[first + i]) = std::move(sorted[i]);
    }
}

}  // namespace events::collector
