#include "common/segments/block.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace events::segments {

std::vector<Facet> facets_of(const Question& question) {
    std::vector<Facet> facets;
    if (!question.keys.empty()) facets.push_back(kGroups);
    if (!question.buckets.empty()) facets.push_back(kBuckets);
    if (facets.size() == 2) facets.push_back(kCells);
    return facets;
}

std::uint32_t Places::group_of(std::span<const std::uint32_t> values) {
    auto group = values[0];
    for (std::size_t i = 1; i < values.size(); ++i) group = next(i, group, values[i]);
    return group;
}

std::vector<std::uint32_t> Places::values_of(std::uint32_t group) const {
    std::vector<std::uint32_t> values(pairs_.size() + 1);
    for (auto i = pairs_.size(); i > 0; --i) std::tie(group, values[i]) = pairs_[i - 1][group];
    values[0] = group;
    return values;
}

const Block& BlockReader::read(const Plan& plan, std::size_t begin, std::size_t end) {
    block_.segment = plan.segment;
    block_.begin = begin;
    block_.size = end - begin;
    select(plan);
    read_buckets(plan);
    for (const auto facet : facets_) {
        if (facet == kGroups) read_groups(plan);
        if (facet != kCells) continue;
        auto& [groups, buckets, cells] = block_.places;
        for (std::size_t i = 0; i < block_.size; ++i) {
            cells[i] = places_.cell_of(groups[i], buckets[i]);
        }
    }
    read_amounts(plan);
    return block_;
}

/// The rows that meet the conditions, but for their time.
void BlockReader::select(const Plan& plan) {
    auto& rows = block_.rows;
    std::iota(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(block_.size), 0U);
    for (const auto& [column, range] : plan.tests) {
        column->with_codes(block_.begin,
                           [&, first = range.first, last = range.last](const auto* codes) {
                               std::size_t kept = 0;
                               for (std::size_t i = 0; i < block_.size; ++i) {
                                   const auto row = rows[i];
                                   rows[kept] = row;
                                   kept += codes[row] - first <= last - first ? 1U : 0U;
                               }
                               block_.size = kept;
                           });
    }
}

/// Leaves out the rows that are not in the range.
void BlockReader::read_buckets(const Plan& plan) {
    auto& buckets = block_.places[kBuckets];
    if (plan.bucket != Timeline::kCut) {
        std::fill_n(buckets.begin(), block_.size, plan.bucket);
        return;
    }
    const auto exact = [&](std::uint32_t row) {
        std::int64_t time = 0;
        plan.segment->read_times(block_.begin + row, {&time, 1});
        return planner_.timeline().bucket_of(time);
    };
    plan.segment->find(Column::minute)->with_codes(block_.begin, [&](const auto* codes) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < block_.size; ++i) {
            const auto row = block_.rows[i];
            auto bucket = plan.minutes.empty() ? Timeline::kCut : plan.minutes[codes[row]];
            if (bucket == Timeline::kCut) bucket = exact(row);
            block_.rows[kept] = row;
            buckets[kept] = bucket;
            kept += bucket != Timeline::kOutside ? 1U : 0U;
        }
        block_.size = kept;
    });
}

void BlockReader::read_groups(const Plan& plan) {
    auto& groups = block_.places[kGroups];
    for (std::size_t level = 0; level < plan.keys.size(); ++level) {
        const auto& key = plan.keys[level];  // no binding: Clang 14 lets no lambda capture one
        const auto set = [&](std::size_t i, std::uint32_t value) {
            groups[i] = level == 0 ? value : places_.next(level, groups[i], value);
        };
        if (key.column == nullptr) {
            for (std::size_t i = 0; i < block_.size; ++i) set(i, key.values[0]);
            continue;
        }
        key.column->with_codes(block_.begin, [&](const auto* codes) {
            for (std::size_t i = 0; i < block_.size; ++i) {
                const auto code = codes[block_.rows[i]];
                if (key.column->is_text) {
                    set(i, key.values[code]);
                    continue;
                }
                std::size_t place = code != 0 ? 1 : 0;
                for (const auto start : key.starts) place += code >= start ? 1U : 0U;
                set(i, key.values[place]);
            }
        });
    }
}

void BlockReader::read_amounts(const Plan& plan) {
    std::fill_n(block_.signs.begin(), block_.size, std::int8_t{1});
    for (std::size_t i = 0; plan.sign != nullptr && i < block_.size; ++i) {
        const auto code = plan.sign->at<std::uint8_t>(block_.begin)[block_.rows[i]];
        block_.signs[i] = static_cast<std::int8_t>(plan.sign->number(code));
    }
    if (plan.revenue == nullptr) return;
    plan.revenue->with_codes(block_.begin, [&](const auto* codes) {
        for (std::size_t i = 0; i < block_.size; ++i) {
            block_.cents[i] = plan.revenue->number(codes[block_.rows[i]]);
        }
    });
}

}  // namespace events::segments
