#include "common/segments/answer.hpp"

#include <algorithm>

namespace events::segments {

Assembly::Assembly(const Question& question, const Planner& planner, const ScanOptions& options)
    : question_{question},
      planner_{planner},
      buckets_{std::max<std::uint64_t>(question.buckets.size(), 1)} {
    for (const auto facet : {Facet::groups, Facet::buckets, Facet::cells}) {
        tables_.push_back({places_of(facet, planner, question, options),
                           Counters{question.figure == Figure::revenue}});
    }
}

void Assembly::Table::add(std::uint64_t number, const Figures& figures) {
    const auto place = places.find(number);
    counters.resize(places.size());
    counters.add(place, figures);
}

void Assembly::add(Facet facet, const Places& places, const Counters& counters) {
    for (std::uint32_t place = 0; place < counters.size(); ++place) {
        if (counters.count(place) != 0) table(facet).add(places.number(place), counters[place]);
    }
}

void Assembly::add_cell(std::uint64_t cell, const Figures& figures) {
    total_.count += figures.count;
    total_.cents += figures.cents;
    const bool has_buckets = !question_.buckets.empty();
    if (has_buckets) table(Facet::buckets).add(cell % buckets_, figures);
    if (question_.keys.empty()) return;
    table(Facet::groups).add(has_buckets ? cell / buckets_ : cell, figures);
    if (has_buckets) table(Facet::cells).add(cell, figures);
}

void Assembly::add_cells(const Places& places, const Counters& counters) {
    for (std::uint32_t place = 0; place < counters.size(); ++place) {
        const auto figures = counters[place];
        if (figures != Figures{}) add_cell(places.number(place), figures);
    }
}

Answer Assembly::answer() {
    Answer answer{.total = total_, .groups = {}, .series = {}};
    const auto& [buckets, figures] = table(Facet::buckets);
    for (std::uint32_t bucket = 0; bucket < question_.buckets.size(); ++bucket) {
        answer.series.push_back(bucket < figures.size() ? figures[bucket] : Figures{});
    }
    if (question_.keys.empty()) return answer;
    auto first = first_groups();
    answer.truncated = first.size() > question_.limit;
    if (answer.truncated) first.pop_back();
    const auto& [places, counters] = table(Facet::groups);
    for (const auto place : first) {
        auto& group = answer.groups.emplace_back();
        for (const auto text : planner_.texts(places.number(place))) group.keys.emplace_back(text);
        group.figures = counters[place];
        group.series.resize(question_.buckets.size());
    }
    if (!question_.buckets.empty()) add_series(first, answer);
    return answer;
}

void Assembly::add_series(const std::vector<std::uint32_t>& groups, Answer& answer) {
    auto& [places, counters] = table(Facet::groups);
    constexpr auto kNone = ~std::size_t{0};
    std::vector<std::size_t> in_answer(counters.size(), kNone);
    for (std::size_t i = 0; i < groups.size(); ++i) in_answer[groups[i]] = i;
    const auto& [cells, figures] = table(Facet::cells);
    for (std::uint32_t place = 0; place < figures.size(); ++place) {
        if (figures[place] == Figures{}) continue;
        const auto cell = cells.number(place);
        // A group that was never counted can have cells, where events are taken back.
        const auto group = places.find(cell / buckets_);
        if (group >= in_answer.size() || in_answer[group] == kNone) continue;
        answer.groups[in_answer[group]].series[cell % buckets_] = figures[place];
    }
}

/// In the answer's order: one more than its limit, if there are as many.
std::vector<std::uint32_t> Assembly::first_groups() {
    // No bindings: Clang 14 lets no lambda capture one.
    const auto& places = table(Facet::groups).places;
    const auto& counters = table(Facet::groups).counters;
    std::vector<std::uint32_t> groups;
    for (std::uint32_t place = 0; place < counters.size(); ++place) {
        if (counters.count(place) != 0) groups.push_back(place);
    }
    const bool by_cents = question_.figure == Figure::revenue;
    const auto comes_first = [&](std::uint32_t left, std::uint32_t right) {
        if (by_cents && counters.cents(left) != counters.cents(right)) {
            return counters.cents(left) > counters.cents(right);
        }
        if (!by_cents && counters.count(left) != counters.count(right)) {
            return counters.count(left) > counters.count(right);
        }
        return is_before(places.number(left), places.number(right));
    };
    const auto count = std::min(groups.size(), question_.limit + 1);
    std::ranges::partial_sort(groups, groups.begin() + static_cast<std::ptrdiff_t>(count),
                              comes_first);
    groups.resize(count);
    return groups;
}

/// By keys; null is last.
bool Assembly::is_before(std::uint64_t left, std::uint64_t right) const {
    const auto order = [](std::optional<std::string_view> text) {
        return std::pair{!text, text.value_or("")};
    };
    return std::ranges::lexicographical_compare(planner_.texts(left), planner_.texts(right), {},
                                                order, order);
}

}  // namespace events::segments
