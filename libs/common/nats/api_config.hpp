#pragma once

#include "common/nats/jetstream.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace events::nats {

/// JetStream's API form of what we ask for: only fields that nats-server 2.9 and the strict mode
/// of 2.12 both know; the server adds its defaults. Pure, as everything here.
/// Of a stream that is everything which decides whether an acknowledged message stays: its only
/// bound is `max_bytes`.
[[nodiscard]] nlohmann::json api_config(const StreamConfig& config);
[[nodiscard]] nlohmann::json api_config(const ConsumerConfig& config);

/// `existing` with the fields of `wanted` in it; nothing when they are so already. What `wanted`
/// does not name stays as it is: an operator or a newer server may have set it. The server leaves
/// out of `existing` what is false.
[[nodiscard]] std::optional<nlohmann::json> merge_config(const nlohmann::json& existing,
                                                         const nlohmann::json& wanted);

/// What merge_config() changes, e.g. "max_age is 60000000000 instead of 0".
[[nodiscard]] std::vector<std::string> differences(const nlohmann::json& existing,
                                                   const nlohmann::json& wanted);

/// What no server changes of a stream that is there, and keeps it from being `wanted`, e.g.
/// "retention is \"limits\" instead of \"workqueue\"". Empty: nothing.
[[nodiscard]] std::vector<std::string> obstacles(const nlohmann::json& existing,
                                                 const nlohmann::json& wanted);

}  // namespace events::nats
