#include "common/events/event.hpp"

#include <algorithm>
#include <vector>

namespace events {

std::span<const EventType> event_types() {
    static const auto kTypes = [] {
        std::vector<EventType> types;
        for (const auto source : sources()) {
            for (const auto& [name, stage, has_revenue] : source.types()) {
                types.push_back({source, stage, name, has_revenue});
            }
        }
        return types;
    }();
    return kTypes;
}

std::span<const EventType> event_types(Source source) {
    const auto all = event_types();
    const auto first = std::ranges::find(all, source, &EventType::source);
    if (first == all.end()) return {};
    return {first, source.types().size()};
}

const EventType* find_event_type(Source source, std::string_view name) {
    for (const auto& type : event_types(source)) {
        if (type.name == name) return &type;
    }
    return nullptr;
}

}  // namespace events
