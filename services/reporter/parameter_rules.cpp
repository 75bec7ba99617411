#include "reporter/parameter_rules.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <vector>

namespace events::reporter {
namespace {

using segments::Column;

constexpr std::size_t kMaxTextBytes = 1'024;  // contract, section 2

/// Assigned and not moved: GCC 12 warns of a variant's own move.
void require(Reading& reading, Column column, const decltype(segments::Condition::value)& value) {
    auto& condition = reading.query.conditions.emplace_back();
    condition.column = column;
    condition.value = value;
}

constexpr std::string_view kTimeExpected =
    "must be epoch milliseconds or an RFC 3339 date-time with an offset";

std::optional<std::string> read_from(Reading& reading, const Rule& /*rule*/,
                                     const std::string& value) {
    reading.from = parse_instant(value);
    if (!reading.from) return std::string{kTimeExpected};
    reading.query.from = reading.from->first;
    return std::nullopt;
}

std::optional<std::string> read_to(Reading& reading, const Rule& /*rule*/,
                                   const std::string& value) {
    reading.to = parse_instant(value);
    if (!reading.to) return std::string{kTimeExpected};
    reading.query.to = reading.to->last;
    return std::nullopt;
}

std::optional<std::string> read_source(Reading& reading, const Rule& /*rule*/,
                                       const std::string& value) {
    reading.source = find_source(value);
    if (!reading.source) return "must be " + source_names(" or ");
    require(reading, Column::source, value);
    return std::nullopt;
}

std::optional<std::string> read_stage(Reading& reading, const Rule& /*rule*/,
                                      const std::string& value) {
    reading.stage = from_name(kFunnelStages, value);
    if (!reading.stage) return "must be top or bottom";
    require(reading, Column::funnel_stage, value);
    return std::nullopt;
}

std::optional<std::string> check_text(const std::string& value) {
    if (value.size() > kMaxTextBytes || value.find('\0') != std::string::npos ||
        !simdjson::validate_utf8(value)) {
        return fmt::format("must be UTF-8 text of at most {} bytes, without NUL", kMaxTextBytes);
    }
    return std::nullopt;
}

Column column_of(const Filter& filter) {
    return Column{filter.dimension->number};
}

std::optional<std::string> read_text(Reading& reading, const Rule& rule, const std::string& value) {
    const auto& choices = rule.filter->choices;
    if (choices.empty()) {
        if (auto message = check_text(value)) return message;
    } else if (std::ranges::find(choices, value, &Filter::Choice::name) == choices.end()) {
        std::vector<std::string_view> names;
        for (const auto& choice : choices) names.push_back(choice.name);
        return fmt::format("must be one of {}", fmt::join(names, ", "));
    }
    require(reading, column_of(*rule.filter), value);
    return std::nullopt;
}

std::optional<std::string> read_number(Reading& reading, const Rule& rule,
                                       const std::string& value) {
    const auto bounds = rule.filter->bounds;
    std::int64_t number = 0;
    const auto* last = value.data() + value.size();
    const auto [rest, error] = std::from_chars(value.data(), last, number);
    const bool is_minus_zero = number == 0 && value.starts_with('-');
    if (error != std::errc{} || rest != last || is_minus_zero || number < bounds.min ||
        number > bounds.max) {
        return fmt::format("must be an integer from {} to {}", bounds.min, bounds.max);
    }
    segments::NumberRange range;
    if (rule.end != End::max) range.min = number;
    if (rule.end != End::min) range.max = number;
    require(reading, column_of(*rule.filter), range);
    return std::nullopt;
}

/// Read after `source` and `funnelStage`, which stand before it in the table: an event type must
/// exist in what they leave over. A bad one of them restricts nothing.
std::optional<std::string> read_event_type(Reading& reading, const Rule& /*rule*/,
                                           const std::string& value) {
    const auto source = reading.source;
    const auto stage = reading.stage;
    const auto exists = [&](std::optional<Source> in_source, std::optional<FunnelStage> in_stage) {
        return std::ranges::any_of(event_types(), [&](const EventType& type) {
            return type.name == value && (!in_source || type.source == *in_source) &&
                   (!in_stage || type.stage == *in_stage);
        });
    };
    if (!exists({}, {})) return "is not an event type of any source";
    if (!exists(source, {})) return fmt::format("is not an event type of {}", source->name());
    if (!exists(source, stage)) {
        return fmt::format("is not an event type of the {} funnel stage", to_string(*stage));
    }
    require(reading, Column::event_type, value);
    return std::nullopt;
}

std::optional<std::string> read_group_by(Reading& reading, const Rule& /*rule*/,
                                         const std::string& value) {
    auto& chosen = reading.query.group_by;
    for (std::size_t first = 0; first <= value.size();) {
        const auto end = std::min(value.find(',', first), value.size());
        const auto key = from_name(kKeys, std::string_view{value}.substr(first, end - first));
        if (!key || std::ranges::find(chosen, *key) != chosen.end()) {
            chosen.clear();
            std::array<std::string_view, kKeys.size()> names;
            std::ranges::transform(kKeys, names.begin(), [](const auto& k) { return k.first; });
            return fmt::format("must be one or more of {}, separated by commas, each once",
                               fmt::join(names, ", "));
        }
        chosen.push_back(*key);
        first = end + 1;
    }
    return std::nullopt;
}

std::optional<std::string> read_limit(Reading& reading, const Rule& /*rule*/,
                                      const std::string& value) {
    const auto* end = value.data() + value.size();
    const auto [rest, error] = std::from_chars(value.data(), end, reading.query.limit);
    if (error != std::errc{} || rest != end || reading.query.limit < 1 ||
        reading.query.limit > kMaxLimit) {
        reading.query.limit = kDefaultLimit;
        return fmt::format("must be an integer from 1 to {}", kMaxLimit);
    }
    return std::nullopt;
}

std::optional<std::string> read_interval(Reading& reading, const Rule& /*rule*/,
                                         const std::string& value) {
    reading.query.interval = from_name(kIntervals, value);
    if (!reading.query.interval) return "must be minute, hour, day, week or month";
    return std::nullopt;
}

std::optional<std::string> read_time_zone(Reading& reading, const Rule& /*rule*/,
                                          const std::string& value) {
    if (!reading.zones.contains(value)) return "must be an IANA time zone, e.g. Europe/Berlin";
    reading.query.time_zone = value;
    return std::nullopt;
}

std::vector<Rule> make_rules() {
    std::vector<Rule> made{{"from", &read_from},
                           {"to", &read_to},
                           {"source", &read_source},
                           {"funnelStage", &read_stage},
                           {"eventType", &read_event_type}};
    for (const auto& filter : filters()) {
        const std::string name{filter.dimension->name};
        if (filter.dimension->kind == Dimension::Kind::text) {
            made.push_back({name, &read_text, &filter});
        } else {
            made.push_back({name, &read_number, &filter, End::equal});
            made.push_back({name + "Min", &read_number, &filter, End::min});
            made.push_back({name + "Max", &read_number, &filter, End::max});
        }
    }
    made.insert(made.end(), {{"groupBy", &read_group_by},
                             {"limit", &read_limit},
                             {"interval", &read_interval},
                             {"tz", &read_time_zone}});
    return made;
}

}  // namespace

std::span<const Rule> rules() {
    static const auto kRules = make_rules();
    return kRules;
}

}  // namespace events::reporter
