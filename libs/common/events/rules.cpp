#include "common/events/rules.hpp"

#include "common/events/field_reader.hpp"
#include "common/events/parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace events {
namespace {

constexpr auto kTooOld = "is older than what is kept (RETENTION_DAYS)";
constexpr std::array kStageNames{kFunnelStages[0].first, kFunnelStages[1].first};

/// A field of a source's events.
struct FieldRule {
    const FieldSpec* spec;
    std::size_t index;  ///< among the source's fields
    Field field;
    std::vector<Field> objects;  ///< that hold it, and none of the fields before it
};

/// What the events of a source are judged by: its types, and the fields of the user and of each
/// stage's engagement.
struct SourceRules {
    explicit SourceRules(Source source)
        : types{event_types(source)}, fields{source.fields().size()} {
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

    std::span<const EventType> types;
    std::size_t fields;
    std::vector<FieldRule> user;
    std::array<std::vector<FieldRule>, kFunnelStages.size()> engagement;

  private:
    static void add(std::vector<FieldRule>& rules, const FieldSpec& spec, std::size_t index,
                    std::vector<Field>& known) {
        const auto& vocabulary = Vocabulary::of_sources();
        const auto path = "data." + std::string{spec.path};
        auto& rule =
            rules.emplace_back(FieldRule{&spec, index, vocabulary.find_path(path).value(), {}});
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
    }

    static const Rules& of_sources() {
        static const Rules kRules;
        return kRules;
    }

    std::vector<std::string_view> names;  ///< of sources
    std::vector<SourceRules> by_source;   ///< in the same order
};

/// The event's type; null after a problem.
const EventType* read_type(FieldReader& read, const SourceRules& rules, std::string_view source) {
    const auto stage = read.one_of(Field::funnel_stage, kStageNames);
    const auto name = read.text(Field::event_type);
    if (read.failed()) return nullptr;

    const auto type = std::ranges::find(rules.types, name, &EventType::name);
    if (type == rules.types.end()) {
        read.refuse(Field::event_type, RejectionCode::unknown_value,
                    fmt::format("is not an event type of {}", source));
        return nullptr;
    }
    if (to_string(type->stage) != kStageNames[stage]) {
        read.refuse(Field::funnel_stage, RejectionCode::stage_mismatch,
                    fmt::format("must be {} for {}", to_string(type->stage), type->name));
        return nullptr;
    }
    return &*type;
}

/// Reads the fields of the rules into `values`, which may be null: then they are only judged.
void read_fields(FieldReader& read, std::span<const FieldRule> rules, Value* values) {
    for (const auto& [spec, index, field, objects] : rules) {
        for (const auto object : objects) read.object(object);
        const auto value = read.value(field, *spec);
        if (values != nullptr) values[index] = value;
    }
}

/// Nothing after a problem.
std::optional<Event> read_all(FieldReader& read, TextArena& arena, const TimeLimits& limits) {
    const auto event_id = read.event_id();
    const auto timestamp = read.time(Field::timestamp);
    if (limits.latest && timestamp > *limits.latest) {
        read.refuse(Field::timestamp, RejectionCode::in_the_future, "is too far in the future");
    }
    const auto& all = Rules::of_sources();
    const auto source = read.one_of(Field::source, all.names);
    const auto& rules = all.by_source[source];
    const auto* type = read_type(read, rules, all.names[source]);
    if (type == nullptr) return std::nullopt;
    if (limits.is_too_old(type->source, timestamp)) {
        read.refuse(Field::timestamp, RejectionCode::too_old, kTooOld);
    }
    read.object(Field::data);
    read.object(Field::user);
    const auto user_id = read.text(Field::user_id);
    const auto values = arena.make_values(rules.fields);
    read_fields(read, rules.user, values.data());
    read.object(Field::engagement);
    read_fields(read, rules.engagement[static_cast<std::size_t>(type->stage)], values.data());
    if (read.failed()) return std::nullopt;
    return Event{event_id, timestamp, type, user_id, values};
}

Refusal describe(const FieldReader& read, Rejection why) {
    why.event_id = read.readable_event_id();
    return {.why = std::move(why), .source = read.readable_source()};
}

}  // namespace

Expected<Event, Refusal> read_event(const FoundFields& found, std::string_view json,
                                    TextArena& arena, const TimeLimits& limits) {
    if (!json.starts_with('{')) {
        return Unexpected<Refusal>{
            refuse_text(found, RejectionCode::not_an_object, "An event must be a JSON object")};
    }
    FieldReader read{found, arena};
    const auto event = read_all(read, arena, limits);
    if (!event) return Unexpected<Refusal>{describe(read, read.take_problem().value())};
    if (json.size() > kMaxEventBytes) {
        return Unexpected<Refusal>{
            refuse_text(found, RejectionCode::too_large,
                        fmt::format("The event is larger than {} KiB", kMaxEventBytes / 1024))};
    }
    return *event;
}

Refusal refuse_text(const FoundFields& found, RejectionCode code, std::string message) {
    TextArena unused;
    return describe(
        FieldReader{found, unused},
        {.code = code, .path = {}, .message = std::move(message), .event_id = std::nullopt});
}

}  // namespace events
