#include "common/segments/slices.hpp"

#include "common/segments/partition_point.hpp"

#include <algorithm>
#include <array>

namespace events::segments {
namespace {

using Section = Population::Section;
using Id = Population::Id;

constexpr std::size_t kRowsPerSample = 512;
constexpr std::size_t kSamplesPerSlice = 8;

Id id_at(const Section& section, std::size_t row) {
    const auto& segment = *section.plan->segment;
    return {segment.high()[row], segment.low()[row]};
}

/// By rank, so that no choice of ids makes a slice large.
std::vector<Id> bounds_of(const std::vector<Section>& sections) {
    std::vector<Id> samples;
    std::size_t ahead = kRowsPerSample;
    for (const auto& section : sections) {
        auto row = section.begin + ahead;
        for (; row < section.end; row += kRowsPerSample) samples.push_back(id_at(section, row));
        ahead = row - section.end;
    }
    std::ranges::sort(samples);
    std::vector<Id> bounds;
    for (auto at = kSamplesPerSlice; at < samples.size(); at += kSamplesPerSlice) {
        if (bounds.empty() || bounds.back() != samples[at]) bounds.push_back(samples[at]);
    }
    return bounds;
}

/// The first row from `from` on whose user is not before `bound`, in growing steps.
std::size_t first_row(const Section& section, std::size_t from, Id bound) {
    std::size_t step = 1;
    auto begin = from;
    while (begin + step < section.end && id_at(section, begin + step) < bound) {
        begin += step;
        step *= 2;
    }
    return partition_point(begin, std::min(begin + step, section.end),
                           [&](auto row) { return id_at(section, row) < bound; });
}

}  // namespace

std::vector<std::size_t> Population::rows_of(std::size_t slice) const {
    std::vector<std::size_t> rows;
    for (const auto& section : sections) {
        rows.push_back(slice == 0 ? section.begin : end_of(slice - 1, section, section.begin));
    }
    return rows;
}

std::size_t Population::end_of(std::size_t slice, const Section& section, std::size_t begin) const {
    if (slice == bounds.size() || begin == section.end) return section.end;
    return first_row(section, begin, bounds[slice]);
}

std::vector<Population> populations_of(const std::vector<Plan>& plans) {
    std::array<Population, 2 * kMaxSources> kinds;
    for (const auto& plan : plans) {
        const auto first = 2 * std::size_t{plan.segment->source().number()};
        const auto middle = plan.segment->uuid_rows();
        const auto rows = plan.segment->rows();
        if (middle > 0) kinds[first].sections.push_back({&plan, 0, middle});
        if (middle < rows) kinds[first + 1].sections.push_back({&plan, middle, rows});
    }
    std::vector<Population> populations;
    for (auto& population : kinds) {
        if (population.sections.empty()) continue;
        population.bounds = bounds_of(population.sections);
        populations.push_back(std::move(population));
    }
    return populations;
}

}  // namespace events::segments
