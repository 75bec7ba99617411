#pragma once

#include "common/events/event.hpp"
#include "support/made_events.hpp"

#include <optional>
#include <string_view>

namespace events::publisher {

/// The amount in an event as the parser read it; nothing where it is null or has no such field.
inline std::optional<std::string_view> purchase_amount_of(const Event& event) {
    const auto& amount = test::value_of(event, "engagement.purchaseAmount");
    return amount.is_null() ? std::nullopt : std::optional{amount.text()};
}

}  // namespace events::publisher
