#include "reporter/filters.hpp"

#include <algorithm>
#include <array>

namespace events::reporter {
namespace {

constexpr std::array<std::string_view, kDimensions.size()> kOrder{
    "campaignId", "country", "city", "age", "gender", "device", "followers"};
static_assert(std::ranges::all_of(kDimensions, [](const Dimension& dimension) {
    return std::ranges::find(kOrder, dimension.name) != kOrder.end();
}));

void add_choices(Filter& filter, Source source, const FieldSpec& field) {
    for (const auto choice : field.choices) {
        auto known = std::ranges::find(filter.choices, choice, &Filter::Choice::name);
        if (known == filter.choices.end()) known = filter.choices.insert(known, {choice, {}});
        known->sources.push_back(source);
    }
}

Filter make_filter(std::string_view name) {
    Filter filter{.dimension = std::ranges::find(kDimensions, name, &Dimension::name),
                  .known_of = {},
                  .choices = {},
                  .bounds = {}};
    bool is_free = false;  // a text of which one source takes any
    for (const auto source : sources()) {
        for (const auto& field : source.fields()) {
            if (field.dimension() != filter.dimension) continue;
            const auto widest = filter.known_of.empty() ? field.bounds : filter.bounds;
            filter.bounds = {std::min(widest.min, field.bounds.min),
                             std::max(widest.max, field.bounds.max)};
            filter.known_of.push_back({source, field.stage});
            is_free = is_free || field.choices.empty();
            add_choices(filter, source, field);
        }
    }
    if (is_free) filter.choices.clear();
    return filter;
}

std::vector<Filter> make_filters() {
    std::vector<Filter> made;
    for (const auto name : kOrder) made.push_back(make_filter(name));
    return made;
}

}  // namespace

std::span<const Filter> filters() {
    static const auto kFilters = make_filters();
    return kFilters;
}

const Filter& filter_of(std::string_view name) {
    return *std::ranges::find(filters(), name,
                              [](const Filter& filter) { return filter.dimension->name; });
}

}  // namespace events::reporter
