#pragma once

#include "common/nats/jetstream.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>

namespace events::nats {

/// JetStream's API form of what we ask for: only fields that nats-server 2.9 and the strict mode
/// of 2.12 both know; the server adds its defaults. Pure, as everything here.
[[nodiscard]] nlohmann::json api_config(const StreamConfig& config);
[[nodiscard]] nlohmann::json api_config(const ConsumerConfig& config);

/// `existing` with the fields of `wanted` in it; nothing when they are so already. What `wanted`
/// does not name stays as it is: an operator or a newer server may have set it.
[[nodiscard]] std::optional<nlohmann::json> merge_config(const nlohmann::json& existing,
                                                         const nlohmann::json& wanted);

}  // namespace events::nats
