#pragma once

#include "common/events/event.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace events::publisher {

/// The amount in an event as the parser read it; nothing where it is null or has no such field.
inline std::optional<std::string_view> purchase_amount_of(const Event& event) {
    const auto fields = event.type->source.fields();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].kind != FieldKind::amount_or_null || event.values[i].is_null()) continue;
        return event.values[i].text();
    }
    return std::nullopt;
}

}  // namespace events::publisher
