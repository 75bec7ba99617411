#include "reference.hpp"

#include "common/events/event.hpp"
#include "common/events/example.hpp"
#include "common/events/rejection.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <limits>
#include <string_view>

namespace events::test {
namespace {

constexpr auto kBegin = R"(# Event reference

<!-- Made by tests/unit/events/reference.cpp from libs/common/sources; EVENTS_WRITE_GOLDEN=1 writes it anew. -->

Every event that the gateway takes: its fields, its types, one to copy of each, and what a refusal means. The same for programs is at
the gateway's `/schemas/event.json` (JSON Schema, 2020-12) and `/openapi.json`; `/docs` shows it to people. How to send is in
[send-events.md](send-events.md).

A first event, sent and found again:

```sh
{first}
```

## Every event

| field | type | null | example |
|---|---|---|---|
| `eventId` | text of 1 to 128 characters; the same id and timestamp again are stored once | no | `"{id}"` |
| `timestamp` | RFC 3339 date-time, at most 24 hours ahead of the gateway's clock | no | `"{time}"` |
| `source` | one of {sources} | no | `"{source}"` |
| `funnelStage` | one of `top`, `bottom`: that of the event's type | no | `"{stage}"` |
| `eventType` | one of the source's types below | no | `"{type}"` |
| `data.user` | object: `userId` and the source's fields of the user | no | |
| `data.user.userId` | text | no | `"user-1"` |
| `data.engagement` | object: the fields of the source and stage | no | |

A **text** has at most 1,024 bytes of UTF-8 and no NUL. A **date-time** has an offset (`Z` or `+02:00`) and is kept to the microsecond;
it begins with a year of four digits. An **integer** may be written as `25`, `25.0` or `2.5e1`. Each field must be there, also where it
may be null; what is not named here is allowed, and not stored. An event has at most 256 KiB and is nested at most 16 deep.
)";

constexpr auto kBeyondSchema = R"(
## What the JSON Schema can not say

An event that the schema refuses is refused by the gateway. These the gateway refuses besides; a test compares both on random events
and knows no other difference:

- a text of at most 1,024 characters and more than 1,024 bytes, and one that holds half a surrogate pair (`"\ud800"`);
- a date that the calendar does not have (`2026-02-30`), and a leap second elsewhere than at 23:59:60 UTC;
- a timestamp that is too far ahead of the gateway's clock, or older than what is kept;
- an integer beyond 64 bits, or with a fraction that is too small for a double: most validators read numbers as doubles;
- an event that is too large or nested too deeply.
)";

std::string type_of(const FieldSpec& field) {
    switch (field.kind) {
        case FieldKind::text:
        case FieldKind::text_or_null:
            return "text";
        case FieldKind::choice:
            return fmt::format("one of `{}`", fmt::join(field.choices, "`, `"));
        case FieldKind::integer:
            if (field.bounds.max == std::numeric_limits<std::int64_t>::max()) {
                return fmt::format("integer of at least {}", field.bounds.min);
            }
            return fmt::format("integer from {} to {}", field.bounds.min, field.bounds.max);
        case FieldKind::time:
            return "RFC 3339 date-time";
        case FieldKind::amount_or_null:
            return "decimal as text, up to 12 digits and 2 decimals";
    }
    return {};
}

/// An example that is not null, where one of the types has one.
std::string example_of(const FieldSpec& field, Source source) {
    nlohmann::ordered_json value;
    for (const auto& type : event_types(source)) {
        if (value.is_null() && field.is_in(type.stage)) value = example_value(field, type);
    }
    return value.dump();
}

template <typename Belongs>
std::string table_of(Source source, std::string_view title, Belongs belongs) {
    auto text =
        fmt::format("\n### {}: {}\n\n| field | type | null | example |\n|---|---|---|---|\n",
                    source.title(), title);
    for (const auto& field : source.fields()) {
        if (!belongs(field)) continue;
        text += fmt::format("| `data.{}` | {} | {} | `{}` |\n", field.path, type_of(field),
                            field.may_be_null() ? "yes" : "no", example_of(field, source));
    }
    return text;
}

std::string fields_of(Source source) {
    auto text =
        table_of(source, "the user", [](const FieldSpec& field) { return field.is_of_user(); });
    for (const auto& [name, stage] : kFunnelStages) {
        text += table_of(source, fmt::format("engagement, {} of the funnel", name),
                         [stage = stage](const FieldSpec& field) {
                             return !field.is_of_user() && field.is_in(stage);
                         });
    }
    return text;
}

std::string types() {
    std::string text = "\n## Types\n\n| source | type | stage | revenue |\n|---|---|---|---|\n";
    for (const auto& type : event_types()) {
        text += fmt::format("| `{}` | `{}` | `{}` | {} |\n", type.source.name(), type.name,
                            to_string(type.stage),
                            type.has_revenue ? "its `purchaseAmount`, where not null" : "none");
    }
    return text;
}

/// An event on four lines.
std::string to_text(const nlohmann::ordered_json& event) {
    auto head = event;
    head.erase("data");
    auto text = head.dump();
    text.pop_back();
    return fmt::format("{},\n \"data\": {{\n  \"user\": {},\n  \"engagement\": {}}}}}", text,
                       event["data"]["user"].dump(), event["data"]["engagement"].dump());
}

std::string examples() {
    std::string text =
        "\n## One of each\n\nEach is stored once, however often it is sent: change `eventId` for "
        "one more.\n";
    for (const auto& type : event_types()) {
        text += fmt::format("\n`{}` of {}:\n\n```json\n{}\n```\n", type.name, type.source.title(),
                            to_text(example_event(type)));
    }
    return text;
}

struct Meaning {
    std::string_view what;
    std::string_view mend;
};

Meaning meaning_of(RejectionCode code) {
    // No default: the compiler names a code that is added without a meaning.
    switch (code) {
        case RejectionCode::malformed_json:
            return {"the event is no JSON, or not UTF-8",
                    "look at the byte that the message names: a comma, a quote, a line break "
                    "within NDJSON, text in another encoding"};
        case RejectionCode::not_an_object:
            return {"JSON, but no object", "send `{...}`, and not a text that holds JSON"};
        case RejectionCode::too_deep:
            return {"nested more than 16 deep", "leave out what is not in this reference"};
        case RejectionCode::too_large:
            return {"larger than 256 KiB", "leave out what is not in this reference"};
        case RejectionCode::missing_field:
            return {"a field is absent, or null where null is not allowed",
                    "add the field that `path` names"};
        case RejectionCode::wrong_type:
            return {"another JSON type", "numbers without quotes, amounts and ids with them"};
        case RejectionCode::unknown_value:
            return {"none of the values that are allowed",
                    "take one that the message names, in the same letters"};
        case RejectionCode::out_of_range:
            return {"a number or a text's length is out of its bounds",
                    "the bounds stand in the message and in the tables above"};
        case RejectionCode::malformed_value:
            return {"a text that is not what it should hold",
                    "write a date-time as `2026-03-01T12:00:00Z`, an amount as `\"12.50\"`; no NUL "
                    "and no half of a surrogate pair"};
        case RejectionCode::stage_mismatch:
            return {"`funnelStage` is not the stage of the type", "see the table of types"};
        case RejectionCode::in_the_future:
            return {"`timestamp` is more than 24 hours ahead of the gateway's clock",
                    "check the sender's clock and its time zone; seconds and milliseconds"};
        case RejectionCode::too_old:
            return {"`timestamp` is before what is kept of the source",
                    "it is not stored; whoever runs the gateway can raise `RETENTION_DAYS`"};
        case RejectionCode::refused_by_database:
            return {"PostgreSQL refuses the row (a collector's code, seen in dead letters only)",
                    "see [dead-letters.md](dead-letters.md)"};
        case RejectionCode::malformed_body:
            return {"the whole body holds no events (in dead letters; the answer is 400)",
                    "send an array of events, one event, or NDJSON with its `Content-Type`"};
        case RejectionCode::too_large_for_the_broker:
            return {"valid, but larger than the broker takes",
                    "leave out what is not in this reference, or raise the broker's "
                    "`max_payload`"};
    }
    return {};
}

std::string refusals() {
    std::string text =
        "\n## Refusals\n\nEach entry of an answer's `errors` has the event's `index` and "
        "`eventId`, "
        "a `code`, the field's `path` and a\n`message` that says what would be right.\n\n"
        "| code | meaning | mend |\n|---|---|---|\n";
    for (std::size_t i = 0; to_string(RejectionCode(i)) != "unknown"; ++i) {
        const auto code = RejectionCode(i);
        const auto [what, mend] = meaning_of(code);
        text += fmt::format("| `{}` | {} | {} |\n", to_string(code), what, mend);
    }
    return text;
}

void replace(std::string& text, std::string_view word, std::string_view by) {
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + by.size())) {
        text.replace(at, word.size(), by);
    }
}

std::string begin() {
    const auto& type = event_types().front();
    const auto event = example_event(type);
    std::string names;
    for (const auto source : sources()) {
        names += fmt::format("{}`{}`", names.empty() ? "" : ", ", source.name());
    }
    const auto first = fmt::format(
        "curl -s -H 'Content-Type: application/json' 'localhost:3001/events?strict=true' -d '{}'\n"
        "curl -s 'localhost:3004/reports/events?source={}&eventType={}&from={}&to={}'",
        to_text(event), type.source.name(), type.name, kExampleTime, "2026-03-01T12:00:01Z");
    std::string text{kBegin};
    replace(text, "{first}", first);
    replace(text, "{id}", event["eventId"].get<std::string>());
    replace(text, "{time}", kExampleTime);
    replace(text, "{sources}", names);
    replace(text, "{source}", type.source.name());
    replace(text, "{stage}", to_string(type.stage));
    replace(text, "{type}", type.name);
    return text;
}

}  // namespace

std::string event_reference() {
    auto text = begin() + types();
    for (const auto source : sources()) text += fields_of(source);
    return text + examples() + refusals() + kBeyondSchema;
}

}  // namespace events::test
