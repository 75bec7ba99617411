#include "common/events/rules.hpp"

#include "common/events/field_reader.hpp"
#include "common/events/form.hpp"
#include "common/events/parser.hpp"
#include "common/events/time.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

namespace events {
namespace {

using Words = FieldReader::Words;

constexpr std::array kStageNames{kFunnelStages[0].first, kFunnelStages[1].first};

/// A field of a source's events.
struct FieldRule {
    const FieldSpec* spec;
    std::size_t index;  ///< among the source's fields
    Field field;
    std::string form;
    std::vector<Field> objects;  ///< that hold it, and none of the fields before it
};

/// What the events of a source are judged by: its types, and the fields of the user and of each
/// stage's engagement.
struct SourceRules {
    explicit SourceRules(Source the_source)
        : source{the_source}, types{event_types(the_source)}, fields{the_source.fields().size()} {
        std::vector<std::string_view> names;
        for (const auto& type : types) names.push_back(type.name);
        type_form =
            fmt::format("an event type of {}: one of {}", source.name(), fmt::join(names, ", "));
        std::vector<Field> known{Field::user, Field::engagement};
        for (std::size_t i = 0; i < fields; ++i) {
            const auto& spec = source.fields()[i];
            if (spec.is_of_user()) add(user, spec, i, known);
        }
        for (const auto& [name, stage] : kFunnelStages) {
            auto known_in_stage = known;
            for (std::size_t i = 0; i < fields; ++i) {
                const auto& spec = source.fields()[i];
                if (spec.is_of_user() || !spec.is_in(stage)) continue;
                add(engagement[static_cast<std::size_t>(stage)], spec, i, known_in_stage);
            }
        }
    }

    Source source;
    std::span<const EventType> types;
    std::string type_form;
    std::size_t fields;
    std::vector<FieldRule> user;
    std::array<std::vector<FieldRule>, kFunnelStages.size()> engagement;

  private:
    static void add(std::vector<FieldRule>& rules, const FieldSpec& spec, std::size_t index,
                    std::vector<Field>& known) {
        const auto& vocabulary = Vocabulary::of_sources();
        const auto path = "data." + std::string{spec.path};
        auto& rule = rules.emplace_back(
            FieldRule{&spec, index, vocabulary.find_path(path).value(), form_of(spec), {}});
        for (auto dot = path.find('.'); dot != std::string::npos; dot = path.find('.', dot + 1)) {
            const auto object = vocabulary.find_path(path.substr(0, dot)).value();
            if (object == Field::data || std::ranges::find(known, object) != known.end()) continue;
            known.push_back(object);
            rule.objects.push_back(object);
        }
    }
};

/// The rules of all sources, made once from their descriptions.
struct Rules {
    Rules() {
        for (const auto source : sources()) {
            names.push_back(source.name());
            by_source.emplace_back(source);
        }
        source_form = fmt::format("one of {}", fmt::join(names, ", "));
    }

    static const Rules& of_sources() {
        static const Rules kRules;
        return kRules;
    }

    std::vector<std::string_view> names;  ///< of sources
    std::vector<SourceRules> by_source;   ///< in the same order

    // Of the fields that every event has.
    std::string event_id_form = form_of_event_id();
    std::string time_form = form_of_time();
    std::string source_form;
    std::string stage_form = fmt::format("one of {}", fmt::join(kStageNames, ", "));
    std::string type_form = "an event type of its source";
    std::string text_form = form_of_text();
};

/// The event's type; null where it is not known. `stage` is the event's own, where it has one.
const EventType* read_type(FieldReader& read, const SourceRules& rules,
                           std::optional<std::size_t> stage) {
    const auto name = read.text(Field::event_type, rules.type_form);
    if (name.data() == nullptr) return nullptr;
    const auto type = std::ranges::find(rules.types, name, &EventType::name);
    if (type == rules.types.end()) {
        read.refuse_value(Field::event_type, RejectionCode::unknown_value, rules.type_form);
        return nullptr;
    }
    if (stage && to_string(type->stage) != kStageNames[*stage]) {
        read.refuse(Field::funnel_stage, RejectionCode::stage_mismatch, [&] {
            return Words{fmt::format("must be {} for {}", to_string(type->stage), type->name),
                         read.found(Field::funnel_stage)};
        });
    }
    return &*type;
}

/// Reads the fields of the rules into `values`, which may be null: then they are only judged.
void read_fields(FieldReader& read, std::span<const FieldRule> rules, Value* values) {
    for (const auto& [spec, index, field, form, objects] : rules) {
        for (const auto object : objects) read.object(object);
        const auto value = read.value(field, *spec, form);
        if (values != nullptr) values[index] = value;
    }
}

void refuse_future(FieldReader& read, Timestamp latest) {
    read.refuse(Field::timestamp, RejectionCode::in_the_future, [&] {
        return Words{fmt::format("must be at most {} hours ahead of the gateway's clock, {}",
                                 kLatestAhead.count(), format_timestamp(latest - kLatestAhead)),
                     read.found(Field::timestamp)};
    });
}

void refuse_past(FieldReader& read, Source source, const TimeLimits& limits) {
    read.refuse(Field::timestamp, RejectionCode::too_old, [&] {
        return Words{fmt::format("is older than what is kept of {} (RETENTION_DAYS): it must be {} "
                                 "or later",
                                 source.name(),
                                 format_timestamp(limits.earliest[source].value_or(Timestamp{}))),
                     read.found(Field::timestamp)};
    });
}

/// Nothing after a problem.
std::optional<Event> read_all(FieldReader& read, TextArena& arena, const TimeLimits& limits) {
    const auto& all = Rules::of_sources();
    const auto event_id = read.event_id(all.event_id_form);
    const auto timestamp = read.time(Field::timestamp, all.time_form);
    if (limits.latest && timestamp && *timestamp > *limits.latest) {
        refuse_future(read, *limits.latest);
    }
    const auto source = read.one_of(Field::source, all.names, all.source_form);
    // Which fields an event must have: its source says it, and its type, or else its stage.
    auto stage = read.one_of(Field::funnel_stage, kStageNames, all.stage_form);
    const auto* rules = source ? &all.by_source[*source] : nullptr;
    const EventType* type = nullptr;
    if (rules != nullptr) {
        type = read_type(read, *rules, stage);
        if (type != nullptr) stage = static_cast<std::size_t>(type->stage);
        if (timestamp && limits.is_too_old(rules->source, *timestamp)) {
            refuse_past(read, rules->source, limits);
        }
    } else {
        (void)read.text(Field::event_type, all.type_form);
    }
    read.object(Field::data);
    read.object(Field::user);
    const auto user_id = read.text(Field::user_id, all.text_form);
    const auto values = arena.make_values(rules != nullptr ? rules->fields : 0);
    if (rules != nullptr) read_fields(read, rules->user, values.data());
    read.object(Field::engagement);
    if (rules != nullptr && stage) read_fields(read, rules->engagement[*stage], values.data());
    if (read.failed()) return std::nullopt;
    return Event{event_id, timestamp.value_or(Timestamp{}), type, user_id, values};
}

Refusal describe(const FieldReader& read, Rejection why) {
    why.event_id = read.readable_event_id();
    return {.why = std::move(why), .source = read.readable_source()};
}

}  // namespace

Expected<Event, Refusal> read_event(const FoundFields& found, std::string_view json,
                                    TextArena& arena, const TimeLimits& limits,
                                    std::size_t most_listed) {
    if (!json.starts_with('{')) {
        return Unexpected<Refusal>{
            refuse_text(found, RejectionCode::not_an_object, "An event must be a JSON object")};
    }
    FieldReader read{found, arena, most_listed};
    const auto event = read_all(read, arena, limits);
    if (json.size() > kMaxEventBytes) {
        read.refuse(Field::event, RejectionCode::too_large, [&] {
            return Words{fmt::format("The event is larger than {} KiB", kMaxEventBytes / 1024),
                         fmt::format("it has {} bytes", json.size())};
        });
    }
    if (read.failed()) return Unexpected<Refusal>{describe(read, read.take_problem().value())};
    return *event;
}

Refusal refuse_text(const FoundFields& found, RejectionCode code, std::string message) {
    TextArena unused;
    return describe(
        FieldReader{found, unused},
        {.code = code, .path = {}, .message = std::move(message), .event_id = std::nullopt});
}

}  // namespace events
