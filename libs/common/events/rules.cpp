#include "common/events/rules.hpp"

#include "common/events/field_reader.hpp"
#include "common/events/parser.hpp"

#include <fmt/format.h>

#include <array>
#include <vector>

namespace events {
namespace {

constexpr auto kTooOld = "is older than what is kept (RETENTION_DAYS)";
constexpr std::array kStageNames{kFunnelStages[0].first, kFunnelStages[1].first};

/// A field of a source's events, by its place among source.fields().
struct FieldRule {
    std::size_t index;
    Field field;
    std::vector<Field> objects;  ///< that hold it, and none of the fields before it
};

/// What the events of a source are judged by: the fields of the user, and of each stage's
/// engagement.
struct SourceRules {
    std::vector<FieldRule> user;
    std::array<std::vector<FieldRule>, kFunnelStages.size()> engagement;
};

/// The rules of all sources, made once from their descriptions.
struct Rules {
    Rules() {
        for (const auto source : sources()) {
            names.push_back(source.name());
            auto& rules = by_source[source];
            add(rules.user, source, [](const FieldSpec& field) { return field.is_of_user(); });
            for (const auto& [name, stage] : kFunnelStages) {
                add(rules.engagement[static_cast<std::size_t>(stage)], source,
                    [stage = stage](const FieldSpec& field) {
                        return !field.is_of_user() && field.is_in(stage);
                    });
            }
        }
    }

    static const Rules& of_sources() {
        static const Rules kRules;
        return kRules;
    }

    std::vector<std::string_view> names;  ///< of sources
    BySource<SourceRules> by_source;

  private:
    template <typename IsWanted>
    static void add(std::vector<FieldRule>& rules, Source source, IsWanted is_wanted) {
        const auto& vocabulary = Vocabulary::of_sources();
        std::vector<Field> known{Field::user, Field::engagement};
        for (std::size_t i = 0; i < source.fields().size(); ++i) {
            const auto& spec = source.fields()[i];
            if (!is_wanted(spec)) continue;
            auto& rule = rules.emplace_back();
            rule.index = i;
            const auto path = "data." + std::string{spec.path};
            rule.field = vocabulary.find_path(path).value();
            constexpr auto kBehindData = std::string_view{"data."}.size();
            for (auto dot = path.find('.', kBehindData); dot != std::string::npos;
                 dot = path.find('.', dot + 1)) {
                const auto object = vocabulary.find_path(path.substr(0, dot)).value();
                if (std::ranges::find(known, object) != known.end()) continue;
                known.push_back(object);
                rule.objects.push_back(object);
            }
        }
    }
};

/// The event's type; null after a problem.
const EventType* read_type(FieldReader& read, const Rules& rules) {
    const auto source_name = read.one_of(Field::source, rules.names);
    const auto stage_name = read.one_of(Field::funnel_stage, kStageNames);
    const auto name = read.text(Field::event_type);
    if (read.failed()) return nullptr;

    const auto source = find_source(source_name);
    const auto* type = source ? find_event_type(*source, name) : nullptr;
    if (type == nullptr) {
        read.refuse(Field::event_type, RejectionCode::unknown_value,
                    fmt::format("is not an event type of {}", source_name));
    } else if (to_string(type->stage) != stage_name) {
        read.refuse(Field::funnel_stage, RejectionCode::stage_mismatch,
                    fmt::format("must be {} for {}", to_string(type->stage), type->name));
    }
    return read.failed() ? nullptr : type;
}

/// Reads the fields of the rules into `values`, where there are any.
void read_fields(FieldReader& read, std::span<const FieldRule> rules,
                 std::span<const FieldSpec> specs, std::span<Value> values) {
    for (const auto& [index, field, objects] : rules) {
        for (const auto object : objects) read.object(object);
        const auto value = read.value(field, specs[index]);
        if (read.failed()) return;
        if (!values.empty()) values[index] = value;
    }
}

/// Nothing after a problem.
std::optional<Event> read_all(FieldReader& read, TextArena& arena, const TimeLimits& limits) {
    const auto& rules = Rules::of_sources();
    const auto event_id = read.event_id();
    const auto timestamp = read.time(Field::timestamp);
    if (limits.latest && timestamp > *limits.latest) {
        read.refuse(Field::timestamp, RejectionCode::in_the_future, "is too far in the future");
    }
    const auto* type = read_type(read, rules);
    if (type == nullptr) return std::nullopt;
    const auto source = type->source;
    if (limits.is_too_old(source, timestamp)) {
        read.refuse(Field::timestamp, RejectionCode::too_old, kTooOld);
    }
    read.object(Field::data);
    read.object(Field::user);
    const auto user_id = read.text(Field::user_id);
    if (read.failed()) return std::nullopt;
    const auto fields = source.fields();
    const auto values = arena.make_values(fields.size());
    const auto& of_source = rules.by_source[source];
    read_fields(read, of_source.user, fields, values);
    read.object(Field::engagement);
    read_fields(read, of_source.engagement[static_cast<std::size_t>(type->stage)], fields, values);
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
