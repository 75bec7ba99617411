#pragma once

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <optional>

namespace events::nats {

/// When the oldest message came, from the "state" of a stream as JetStream's API tells it: exact
/// to the microsecond. Nothing for an empty stream, and where there is no time in RFC 3339 after
/// 1970 (an empty stream of some servers has one of the year 1). Pure, never throws.
[[nodiscard]] std::optional<std::chrono::sys_time<std::chrono::microseconds>> oldest_message_time(
    const nlohmann::json& state);

}  // namespace events::nats
