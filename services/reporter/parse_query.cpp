#include "reporter/parse_query.hpp"

#include "common/http/query_string.hpp"
#include "reporter/parameter_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

namespace events::reporter {
namespace {

void find_unknown(const std::vector<http::QueryParameter>& parameters,
                  std::vector<BadParameter>& bad) {
    for (const auto& [name, value] : parameters) {
        if (std::ranges::find(rules(), name, &Rule::name) != rules().end()) continue;
        if (std::ranges::find(bad, name, &BadParameter::name) != bad.end()) continue;
        bad.push_back({name, "is not a parameter of reports"});
    }
}

/// What is wrong with the parameter of that rule; nothing when it is right or absent.
std::optional<std::string> apply(const Rule& rule,
                                 const std::vector<http::QueryParameter>& parameters,
                                 Reading& reading) {
    const auto count = std::ranges::count(parameters, rule.name, &http::QueryParameter::name);
    if (count == 0) return std::nullopt;
    if (count > 1) return "must be given once";
    const auto& value =
        std::ranges::find(parameters, rule.name, &http::QueryParameter::name)->value;
    if (!value) return "is not valid percent-encoding";
    reading.query.text += fmt::format("{}={}:{}&", rule.name, value->size(), *value);
    auto message = rule.read(reading, rule, *value);
    if (!message) {
        auto& logged = reading.query.logged_text;
        logged += fmt::format("{}{}={}", logged.empty() ? "" : "&", rule.name,
                              rule.takes_any_text() ? "*" : *value);
    }
    return message;
}

/// What the ranges of a column leave over, but for the one that is a single number.
segments::NumberRange range_of(const Query& query, segments::Column column) {
    segments::NumberRange left;
    for (const auto& condition : query.conditions) {
        const auto* range = std::get_if<segments::NumberRange>(&condition.value);
        if (condition.column != column || range == nullptr || range->min == range->max) continue;
        left = {std::max(left.min, range->min), std::min(left.max, range->max)};
    }
    return left;
}

/// What only two right parameters together can get wrong.
void check_ranges(const Reading& reading, std::vector<BadParameter>& bad) {
    if (reading.from && reading.to && reading.to->first <= reading.from->first) {
        bad.push_back({"to", "must be later than from"});
    }
    for (const auto& filter : filters()) {
        const auto& [number, name, column, kind] = *filter.dimension;
        const auto range = range_of(reading.query, segments::Column{number});
        if (range.max < range.min) {
            bad.push_back(
                {fmt::format("{}Max", name), fmt::format("must not be less than {}Min", name)});
        }
    }
}

/// A range that surely has too many buckets, whatever the time zone; the exact count comes later.
void check_buckets(const Query& query, std::vector<BadParameter>& bad) {
    if (!query.from || !query.to || !query.interval || *query.to < *query.from) return;
    const segments::TimeRange range{query.from->time_since_epoch().count(),
                                    query.to->time_since_epoch().count()};
    if (surely_more_than(kMaxBuckets, range, *query.interval)) bad.push_back(too_many_buckets());
}

/// `dependent` has a meaning only next to `needed`.
void check_company(std::string_view dependent, std::string_view needed,
                   const std::vector<http::QueryParameter>& parameters,
                   std::vector<BadParameter>& bad) {
    const auto is_given = [&](std::string_view name) {
        return std::ranges::find(parameters, name, &http::QueryParameter::name) != parameters.end();
    };
    const bool is_bad = std::ranges::find(bad, dependent, &BadParameter::name) != bad.end();
    if (is_given(dependent) && !is_given(needed) && !is_bad) {
        bad.push_back({std::string{dependent}, fmt::format("needs {}", needed)});
    }
}

}  // namespace

Expected<Query, std::vector<BadParameter>> parse_query(Category category, std::string_view query,
                                                       const TimeZones& zones) {
    const auto parameters = http::split_query(query);
    std::vector<BadParameter> bad;
    find_unknown(parameters, bad);
    Reading reading{.query = {.category = category}, .zones = zones};
    for (const auto& rule : rules()) {
        if (auto message = apply(rule, parameters, reading)) {
            bad.push_back({rule.name, std::move(*message)});
        }
    }
    check_ranges(reading, bad);
    check_buckets(reading.query, bad);
    check_company("limit", "groupBy", parameters, bad);
    check_company("tz", "interval", parameters, bad);
    if (!bad.empty()) return Unexpected<std::vector<BadParameter>>{std::move(bad)};
    return std::move(reading.query);
}

}  // namespace events::reporter
