#include "common/segments/block.hpp"

#include <algorithm>
#include <numeric>

namespace events::segments {
namespace {

constexpr auto kAllRows = [] {
    Selection::Values<std::uint32_t> rows{};
    std::iota(rows.begin(), rows.end(), 0U);
    return rows;
}();

constexpr auto kAdded = [] {
    Selection::Values<std::int8_t> signs{};
    signs.fill(1);
    return signs;
}();

}  // namespace

void Selection::select(const Plan& plan, const Timeline& timeline, std::size_t from,
                       std::size_t to) {
    begin = from;
    size = to - from;
    rows = kAllRows.data();
    for (const auto& [column, range] : plan.tests) {
        column->with_codes(
            begin, [&, first = range.first, length = range.last - range.first](const auto* codes) {
                using Code = std::remove_cvref_t<decltype(*codes)>;
                std::size_t count = 0;
                for (std::size_t i = 0; i < size; ++i) {
                    const auto row = rows[i];
                    kept_[count] = row;
                    count += static_cast<Code>(codes[row] - first) <= length ? 1U : 0U;
                }
                size = count;
            });
        rows = kept_.data();
    }
    if (plan.bucket == Timeline::kCut) return keep_in_range(plan, timeline);
    std::fill_n(buckets.begin(), size, plan.bucket);
}

void Selection::keep_in_range(const Plan& plan, const Timeline& timeline) {
    const auto exact = [&](std::uint32_t row) {
        std::int64_t time = 0;
        plan.segment->read_times(begin + row, {&time, 1});
        return plan.window.has(time) ? timeline.bucket_of(time) : Timeline::kOutside;
    };
    plan.segment->find(Column::minute)->with_codes(begin, [&](const auto* codes) {
        std::size_t count = 0;
        for (std::size_t i = 0; i < size; ++i) {
            const auto row = rows[i];
            auto bucket = plan.minutes.empty() ? Timeline::kCut : plan.minutes[codes[row]];
            if (bucket == Timeline::kCut) bucket = exact(row);
            kept_[count] = row;
            buckets[count] = bucket;
            count += bucket != Timeline::kOutside ? 1U : 0U;
        }
        size = count;
    });
    rows = kept_.data();
}

Places places_of(Facet facet, const Planner& planner, const Question& question,
                 const ScanOptions& options) {
    constexpr std::uint64_t kFewPlaces = 1 << 16;
    const auto buckets = std::max<std::uint64_t>(question.buckets.size(), 1);
    auto bound = facet == Facet::buckets ? buckets : planner.groups();
    if (facet == Facet::cells && __builtin_mul_overflow(bound, buckets, &bound)) {
        throw TooManyGroups{};
    }
    // A table that is mostly empty is still cheaper than looking numbers up.
    const auto dense = std::max<std::uint64_t>(4 * planner.rows(), kFewPlaces);
    const Places::Limits limits{.dense = std::min<std::uint64_t>(dense, question.max_groups),
                                .places = question.max_groups};
    return {bound, limits, options.seed};
}

BlockReader::BlockReader(const Planner& planner, const Question& question,
                         std::vector<Facet> facets, const ScanOptions& options)
    : planner_{planner},
      facets_{std::move(facets)},
      buckets_{std::max<std::uint64_t>(question.buckets.size(), 1)} {
    for (const auto facet : facets_) {
        places_.push_back(places_of(facet, planner, question, options));
    }
    block_.places.resize(facets_.size());
}

const Block& BlockReader::read(const Plan& plan, std::size_t begin, std::size_t end) {
    block_.plan = &plan;
    block_.rows.select(plan, planner_.timeline(), begin, end);
    if (!facets_.empty() && block_.rows.size > 0) {
        read_groups();
        read_places();
    }
    read_amounts();
    return block_;
}

void BlockReader::read_groups() {
    const auto& rows = block_.rows;  // no binding: Clang 14 lets no lambda capture one
    std::fill_n(groups_.begin(), rows.size, block_.plan->group);
    for (const auto& key : block_.plan->keys) {
        key.column->with_codes(rows.begin, [&](const auto* codes) {
            if (key.starts.empty()) {
                for (std::size_t i = 0; i < rows.size; ++i)
                    groups_[i] += key.terms[codes[rows.rows[i]]];
                return;
            }
            for (std::size_t i = 0; i < rows.size; ++i) {
                const auto code = codes[rows.rows[i]];
                std::size_t group = code != 0 ? 1 : 0;
                for (const auto start : key.starts) group += code >= start ? 1U : 0U;
                groups_[i] += key.terms[group];
            }
        });
    }
}

void BlockReader::read_places() {
    const auto& buckets = block_.rows.buckets;
    const auto size = block_.rows.size;
    for (std::size_t facet = 0; facet < facets_.size(); ++facet) {
        auto& numbers = facets_[facet] == Facet::groups ? groups_ : numbers_;
        if (facets_[facet] == Facet::buckets) std::copy_n(buckets.begin(), size, numbers.begin());
        if (facets_[facet] == Facet::cells) {
            for (std::size_t i = 0; i < size; ++i) numbers[i] = groups_[i] * buckets_ + buckets[i];
        }
        places_[facet].find(std::span{numbers}.first(size), block_.places[facet].data());
    }
}

void BlockReader::read_amounts() {
    const auto& rows = block_.rows;
    const auto* plan = block_.plan;
    block_.signs = plan->sign == nullptr ? kAdded.data() : signs_.data();
    for (std::size_t i = 0; plan->sign != nullptr && i < rows.size; ++i) {
        const auto code = plan->sign->at<std::uint8_t>(rows.begin)[rows.rows[i]];
        signs_[i] = static_cast<std::int8_t>(plan->sign->number(code));
    }
    if (plan->revenue == nullptr) return;
    plan->revenue->with_codes(rows.begin, [&](const auto* codes) {
        for (std::size_t i = 0; i < rows.size; ++i) {
            block_.cents[i] = plan->revenue->number(codes[rows.rows[i]]);
        }
    });
}

}  // namespace events::segments
