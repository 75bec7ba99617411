#include "reporter/parameter_rules.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

namespace events::reporter {
namespace {

constexpr std::size_t kMaxTextBytes = 1'024;  // contract, section 2
constexpr std::int64_t kMaxAge = 150;

constexpr std::string_view kTimeExpected =
    "must be epoch milliseconds or an RFC 3339 date-time with an offset";

std::optional<std::string> read_from(Reading& reading, const std::string& value) {
    reading.from = parse_instant(value);
    if (!reading.from) return std::string{kTimeExpected};
    reading.query.from = reading.from->first;
    return std::nullopt;
}

std::optional<std::string> read_to(Reading& reading, const std::string& value) {
    reading.to = parse_instant(value);
    if (!reading.to) return std::string{kTimeExpected};
    reading.query.to = reading.to->last;
    return std::nullopt;
}

std::optional<std::string> read_source(Reading& reading, const std::string& value) {
    reading.query.source = from_name(kSources, value);
    if (!reading.query.source) return "must be facebook or tiktok";
    return std::nullopt;
}

std::optional<std::string> read_stage(Reading& reading, const std::string& value) {
    reading.query.stage = from_name(kFunnelStages, value);
    if (!reading.query.stage) return "must be top or bottom";
    return std::nullopt;
}

std::optional<std::string> check_text(const std::string& value) {
    if (value.empty() || value.size() > kMaxTextBytes || value.find('\0') != std::string::npos ||
        !simdjson::validate_utf8(value)) {
        return fmt::format("must be UTF-8 text of 1 to {} bytes, without NUL", kMaxTextBytes);
    }
    return std::nullopt;
}

std::optional<std::string> read_campaign(Reading& reading, const std::string& value) {
    if (auto message = check_text(value)) return message;
    reading.query.campaign_id = value;
    return std::nullopt;
}

template <Column column>
std::optional<std::string> read_text(Reading& reading, const std::string& value) {
    if (auto message = check_text(value)) return message;
    reading.query.conditions.push_back({column, Comparison::equal, value});
    return std::nullopt;
}

std::optional<std::string> read_gender(Reading& reading, const std::string& value) {
    if (std::ranges::find(kGenders, value) == kGenders.end()) {
        return fmt::format("must be one of {}", fmt::join(kGenders, ", "));
    }
    reading.query.conditions.push_back({Column::gender, Comparison::equal, value});
    return std::nullopt;
}

std::optional<std::string> read_device(Reading& reading, const std::string& value) {
    const auto is_in = [&value](const auto& devices) {
        return std::ranges::find(devices, value) != devices.end();
    };
    if (!is_in(kFacebookDevices) && !is_in(kTikTokDevices)) {
        return fmt::format("must be one of {}, {}", fmt::join(kFacebookDevices, ", "),
                           fmt::join(kTikTokDevices, ", "));
    }
    reading.query.conditions.push_back({Column::device, Comparison::equal, value});
    return std::nullopt;
}

template <Column column, Comparison comparison, std::int64_t max>
std::optional<std::string> read_number(Reading& reading, const std::string& value) {
    std::int64_t number = 0;
    const auto* end = value.data() + value.size();
    const auto [rest, error] = std::from_chars(value.data(), end, number);
    if (error != std::errc{} || rest != end || value.starts_with('-') || number > max) {
        return fmt::format("must be an integer from 0 to {}", max);
    }
    reading.query.conditions.push_back({column, comparison, number});
    return std::nullopt;
}

/// Read after `source` and `funnelStage`, which stand before it in the table: an event type must
/// exist in what they leave over. A bad one of them restricts nothing.
std::optional<std::string> read_event_type(Reading& reading, const std::string& value) {
    const auto source = reading.query.source;
    const auto stage = reading.query.stage;
    const auto exists = [&](std::optional<Source> in_source, std::optional<FunnelStage> in_stage) {
        return std::ranges::any_of(kEventTypes, [&](const EventType& type) {
            return type.name == value && (!in_source || type.source == *in_source) &&
                   (!in_stage || type.stage == *in_stage);
        });
    };
    if (!exists({}, {})) return "is not an event type of any source";
    if (!exists(source, {})) return fmt::format("is not an event type of {}", to_string(*source));
    if (!exists(source, stage)) {
        return fmt::format("is not an event type of the {} funnel stage", to_string(*stage));
    }
    reading.query.event_type = value;
    return std::nullopt;
}

constexpr std::array kEventsKeys{Key::source, Key::funnel_stage, Key::event_type};
constexpr std::array kRevenueKeys{Key::source, Key::event_type, Key::campaign_id};
constexpr std::array kDemographicsKeys{Key::source, Key::gender, Key::age_group,      Key::country,
                                       Key::city,   Key::device, Key::followers_group};

template <auto keys>
std::optional<std::string> read_group_by(Reading& reading, const std::string& value) {
    auto& chosen = reading.query.group_by;
    for (std::size_t first = 0; first <= value.size();) {
        const auto end = std::min(value.find(',', first), value.size());
        const auto key = from_name(kKeys, std::string_view{value}.substr(first, end - first));
        if (!key || std::ranges::find(keys, *key) == keys.end() ||
            std::ranges::find(chosen, *key) != chosen.end()) {
            chosen.clear();
            std::array<std::string_view, keys.size()> names;
            std::ranges::transform(keys, names.begin(), [](Key k) { return name_in(kKeys, k); });
            return fmt::format("must be one or more of {}, separated by commas, each once",
                               fmt::join(names, ", "));
        }
        chosen.push_back(*key);
        first = end + 1;
    }
    return std::nullopt;
}

std::optional<std::string> read_limit(Reading& reading, const std::string& value) {
    const auto* end = value.data() + value.size();
    const auto [rest, error] = std::from_chars(value.data(), end, reading.query.limit);
    if (error != std::errc{} || rest != end || reading.query.limit < 1 ||
        reading.query.limit > kMaxLimit) {
        reading.query.limit = kDefaultLimit;
        return fmt::format("must be an integer from 1 to {}", kMaxLimit);
    }
    return std::nullopt;
}

std::optional<std::string> read_interval(Reading& reading, const std::string& value) {
    reading.query.interval = from_name(kIntervals, value);
    if (!reading.query.interval) return "must be minute, hour or day";
    return std::nullopt;
}

std::optional<std::string> read_time_zone(Reading& reading, const std::string& value) {
    if (!reading.zones.contains(value)) return "must be an IANA time zone, e.g. Europe/Berlin";
    reading.query.time_zone = value;
    return std::nullopt;
}

template <Comparison comparison>
constexpr Read kReadAge = &read_number<Column::age, comparison, kMaxAge>;
template <Comparison comparison>
constexpr Read kReadFollowers =
    &read_number<Column::followers, comparison, std::numeric_limits<std::int64_t>::max()>;

constexpr std::array kEventsRules{
    Rule{"from", &read_from},
    Rule{"to", &read_to},
    Rule{"source", &read_source},
    Rule{"funnelStage", &read_stage},
    Rule{"eventType", &read_event_type},
    Rule{"groupBy", &read_group_by<kEventsKeys>},
    Rule{"limit", &read_limit},
    Rule{"interval", &read_interval},
    Rule{"tz", &read_time_zone},
};

constexpr std::array kRevenueRules{
    Rule{"from", &read_from},           Rule{"to", &read_to},
    Rule{"source", &read_source},       Rule{"eventType", &read_event_type},
    Rule{"campaignId", &read_campaign}, Rule{"groupBy", &read_group_by<kRevenueKeys>},
    Rule{"limit", &read_limit},         Rule{"interval", &read_interval},
    Rule{"tz", &read_time_zone},
};

constexpr std::array kDemographicsRules{
    Rule{"from", &read_from},
    Rule{"to", &read_to},
    Rule{"source", &read_source},
    Rule{"age", kReadAge<Comparison::equal>},
    Rule{"ageMin", kReadAge<Comparison::at_least>},
    Rule{"ageMax", kReadAge<Comparison::at_most>},
    Rule{"gender", &read_gender},
    Rule{"country", &read_text<Column::country>},
    Rule{"city", &read_text<Column::city>},
    Rule{"followers", kReadFollowers<Comparison::equal>},
    Rule{"followersMin", kReadFollowers<Comparison::at_least>},
    Rule{"followersMax", kReadFollowers<Comparison::at_most>},
    Rule{"device", &read_device},
    Rule{"groupBy", &read_group_by<kDemographicsKeys>},
    Rule{"limit", &read_limit},
};

}  // namespace

std::span<const Rule> rules_of(Category category) noexcept {
    switch (category) {
        case Category::events:
            return kEventsRules;
        case Category::revenue:
            return kRevenueRules;
        case Category::demographics:
            return kDemographicsRules;
    }
    return {};
}

}  // namespace events::reporter
