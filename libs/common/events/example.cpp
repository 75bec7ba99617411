#include "common/events/example.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

namespace events {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kAge = 34;
constexpr std::int64_t kFollowers = 1250;

std::string text_of(const FieldSpec& field) {
    switch (field.sample) {
        case Sample::full_name:
            return "Kim Berg";
        case Sample::handle:
            return "kim.berg";
        case Sample::country:
            return "Germany";
        case Sample::city:
            return "Berlin";
        case Sample::item:
            return "Running shoes";
        case Sample::serial:
        case Sample::uuid:
            return std::string{field.prefix} + "4711";
        case Sample::any:
        case Sample::magnitude:
            break;
    }
    return "text";
}

bool is_null_in(const FieldSpec& field, const EventType& type) {
    if (!field.may_be_null()) return false;
    if (field.kind == FieldKind::amount_or_null) return !type.has_revenue;
    return field.presence ==
           (type.has_revenue ? Presence::without_revenue : Presence::with_revenue);
}

/// "user.location.city" as "/user/location/city".
Json::json_pointer pointer_to(std::string_view path) {
    std::string pointer{"/"};
    pointer += path;
    std::ranges::replace(pointer, '.', '/');
    return Json::json_pointer{pointer};
}

}  // namespace

Json example_value(const FieldSpec& field, const EventType& type) {
    if (is_null_in(field, type)) return nullptr;
    switch (field.kind) {
        case FieldKind::text:
        case FieldKind::text_or_null:
            return text_of(field);
        case FieldKind::choice:
            return field.choices.front();
        case FieldKind::integer: {
            const auto usual = field.sample == Sample::magnitude ? kFollowers : kAge;
            return std::clamp(usual, field.bounds.min, field.bounds.max);
        }
        case FieldKind::time:
            return kExampleTime;
        case FieldKind::amount_or_null:
            return "12.50";
    }
    return nullptr;
}

Json example_event(const EventType& type) {
    Json data{{"user", {{"userId", "user-1"}}}, {"engagement", Json::object()}};
    for (const auto& field : type.source.fields()) {
        if (!field.is_in(type.stage)) continue;
        data[pointer_to(field.path)] = example_value(field, type);
    }
    return {{"eventId", fmt::format("{}example-{}", type.source.id_prefix(), type.name)},
            {"timestamp", kExampleTime},
            {"source", type.source.name()},
            {"funnelStage", to_string(type.stage)},
            {"eventType", type.name},
            {"data", std::move(data)}};
}

}  // namespace events
