#include "samples.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace events::bench {

void Samples::add(const Samples& other) {
    values_.insert(values_.end(), other.values_.begin(), other.values_.end());
}

double Samples::quantile(double share) const {
    if (values_.empty()) return 0;
    auto sorted = values_;
    std::ranges::sort(sorted);
    const auto rank = std::ceil(share * static_cast<double>(sorted.size()));
    return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

Samples Samples::part(double from, double to) const {
    const auto place = [this](double share) {
        return values_.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(size()));
    };
    Samples part;
    part.values_.assign(place(from), place(to));
    return part;
}

}  // namespace events::bench
