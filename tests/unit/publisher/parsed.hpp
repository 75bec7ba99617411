#pragma once

#include "common/events/event.hpp"

#include <optional>
#include <string_view>
#include <variant>

namespace events::publisher {

/// The amount in an event as the parser read it; nothing where it is null or has no such field.
inline std::optional<std::string_view> purchase_amount_of(const Event& event) {
    if (const auto* facebook = std::get_if<FacebookEvent>(&event.data)) {
        const auto* bottom = std::get_if<FacebookBottom>(&facebook->engagement);
        return bottom != nullptr ? bottom->purchase_amount : std::nullopt;
    }
    const auto* bottom = std::get_if<TikTokBottom>(&std::get<TikTokEvent>(event.data).engagement);
    return bottom != nullptr ? bottom->purchase_amount : std::nullopt;
}

}  // namespace events::publisher
