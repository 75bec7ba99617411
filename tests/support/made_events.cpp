#include "support/made_events.hpp"

#include <algorithm>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <string>

namespace events::test {
namespace {

std::span<const Value> keep(std::vector<Value> values) {
    static std::mutex mutex;
    static std::deque<std::vector<Value>> kept;
    const std::lock_guard lock{mutex};
    return kept.emplace_back(std::move(values));
}

std::size_t place_of(Source source, std::string_view path) {
    const auto fields = source.fields();
    const auto found = std::ranges::find(fields, path, &FieldSpec::path);
    if (found == fields.end()) throw std::invalid_argument{"no field " + std::string{path}};
    return static_cast<std::size_t>(found - fields.begin());
}

}  // namespace

const Value& value_of(const Event& event, std::string_view path) {
    return event.values[place_of(event.type->source, path)];
}

Event make_event(std::string_view id, Timestamp time, const EventType& type,
                 std::string_view user_id, const std::vector<Given>& values) {
    std::vector<Value> all(type.source.fields().size());
    for (const auto& [path, value] : values) all[place_of(type.source, path)] = value;
    return {.event_id = id,
            .timestamp = time,
            .type = &type,
            .user_id = user_id,
            .values = keep(std::move(all))};
}

void set_value(Event& event, std::string_view path, const Value& value) {
    std::vector<Value> values{event.values.begin(), event.values.end()};
    values[place_of(event.type->source, path)] = value;
    event.values = keep(std::move(values));
}

}  // namespace events::test
