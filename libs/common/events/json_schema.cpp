#include "common/events/json_schema.hpp"

#include "common/events/event.hpp"
#include "common/events/example.hpp"
#include "common/events/form.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cctype>
#include <string>
#include <utility>

namespace events {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto kAnyText = R"(^[^\u0000]*$)";
constexpr auto kDateTime =
    "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    "[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)([.][0-9]{1,9})?"
    "([Zz]|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])$";
constexpr auto kAmount = "^[0-9]{1,12}([.][0-9]{1,2})?$";

Json text_schema() {
    return {{"type", "string"}, {"maxLength", kMaxTextBytes}, {"pattern", kAnyText}};
}

Json time_schema() {
    return {{"type", "string"},
            {"pattern", kDateTime},
            {"description", "An RFC 3339 date-time; kept to the microsecond."},
            {"examples", {kExampleTime}}};
}

Json schema_of(const FieldSpec& field) {
    switch (field.kind) {
        case FieldKind::text:
        case FieldKind::text_or_null:
            return text_schema();
        case FieldKind::choice:
            return {{"type", "string"}, {"enum", field.choices}};
        case FieldKind::integer:
            return {
                {"type", "integer"}, {"minimum", field.bounds.min}, {"maximum", field.bounds.max}};
        case FieldKind::time:
            return time_schema();
        case FieldKind::amount_or_null:
            return {{"type", "string"},
                    {"pattern", kAmount},
                    {"description", "A decimal as text, in major units of the currency."},
                    {"examples", {"12.50"}}};
    }
    return {};
}

Json object_schema() {
    return {{"type", "object"}, {"required", Json::array()}, {"properties", Json::object()}};
}

/// Adds a required member to an object's schema; the path's objects between are made.
void add(Json& object, std::string_view path, Json schema) {
    const auto dot = path.find('.');
    const std::string key{path.substr(0, dot)};
    auto& properties = object["properties"];
    if (!properties.contains(key)) {
        object["required"].push_back(key);
        properties[key] = dot == std::string_view::npos ? std::move(schema) : object_schema();
    }
    if (dot != std::string_view::npos) {
        add(properties[key], path.substr(dot + 1), std::move(schema));
    }
}

void add(Json& object, const FieldSpec& field) {
    auto schema = schema_of(field);
    if (field.may_be_null()) schema["type"] = {"string", "null"};
    add(object, field.path.substr(field.path.find('.') + 1), std::move(schema));
}

/// "facebook" as "Facebook".
std::string capital(std::string_view name) {
    std::string text{name};
    text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
    return text;
}

std::string name_of_user(Source source) {
    return capital(source.name()) + "User";
}

std::string name_of_events(Source source, FunnelStage stage) {
    return capital(source.name()) + capital(to_string(stage)) + "Event";
}

Json reference(std::string_view place, const std::string& name) {
    return {{"$ref", std::string{place} + name}};
}

Json user_schema(Source source) {
    auto user = object_schema();
    add(user, "userId", text_schema());
    for (const auto& field : source.fields()) {
        if (field.is_of_user()) add(user, field);
    }
    return user;
}

Json events_schema(Source source, FunnelStage stage, std::string_view place) {
    auto types = Json::array();
    auto examples = Json::array();
    for (const auto& type : event_types(source)) {
        if (type.stage != stage) continue;
        types.push_back(type.name);
        examples.push_back(example_event(type));
    }
    auto engagement = object_schema();
    for (const auto& field : source.fields()) {
        if (!field.is_of_user() && field.is_in(stage)) add(engagement, field);
    }
    auto data = object_schema();
    add(data, "user", reference(place, name_of_user(source)));
    add(data, "engagement", std::move(engagement));

    auto event = object_schema();
    event["title"] = fmt::format("{}, {} of the funnel", source.title(), to_string(stage));
    add(event, "eventId",
        {{"type", "string"},
         {"minLength", 1},
         {"maxLength", kMaxEventIdCharacters},
         {"pattern", kAnyText},
         {"description",
          "Names the event within its source: one that is sent again with the same "
          "id and timestamp is stored once."}});
    add(event, "timestamp", time_schema());
    add(event, "source", {{"type", "string"}, {"const", source.name()}});
    add(event, "funnelStage", {{"type", "string"}, {"const", to_string(stage)}});
    add(event, "eventType", {{"type", "string"}, {"enum", std::move(types)}});
    add(event, "data", std::move(data));
    event["examples"] = std::move(examples);
    return event;
}

}  // namespace

Json event_schemas(std::string_view place) {
    auto branches = Json::array();
    Json schemas{{"Event", nullptr}};
    for (const auto source : sources()) {
        schemas[name_of_user(source)] = user_schema(source);
        for (const auto& [name, stage] : kFunnelStages) {
            const auto events = name_of_events(source, stage);
            branches.push_back(reference(place, events));
            schemas[events] = events_schema(source, stage, place);
        }
    }
    schemas["Event"] = {
        {"title", "A marketing event"},
        {"description", fmt::format("Of {}. Fields that are not named are allowed and not stored.",
                                    source_names(" or "))},
        {"oneOf", std::move(branches)}};
    return schemas;
}

Json event_schema() {
    auto schemas = event_schemas("#/$defs/");
    Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"}};
    schema.update(schemas["Event"]);
    schemas.erase("Event");
    schema["$defs"] = std::move(schemas);
    return schema;
}

}  // namespace events
