#pragma once

#include "common/nats/connection.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace events::nats {

// JetStream's err_codes (nats-server, server/errors.json).
inline constexpr int kClusterNotAvailable = 10008;
inline constexpr int kConsumerNameTaken = 10013;
inline constexpr int kConsumerNotFound = 10014;
inline constexpr int kNoMessageFound = 10037;
inline constexpr int kNotEnabledForAccount = 10039;
inline constexpr int kSequenceNotFound = 10043;
inline constexpr int kStreamNameTaken = 10058;
inline constexpr int kStreamNotFound = 10059;
inline constexpr int kSubjectsOverlap = 10065;
inline constexpr int kNotEnabled = 10076;
inline constexpr int kConsumerExists = 10148;

/// A subject of JetStream's API, e.g. "$JS.API.STREAM.INFO.EVENTS_DEAD", as the connection's domain
/// has it: "$JS.leaf.API.STREAM.INFO.EVENTS_DEAD".
[[nodiscard]] std::string api_subject(const Connection& connection, std::string_view subject);

/// One request to JetStream's API, in the connection's domain, at most 5 s, and its answer: a JSON
/// object, which may hold an "error". Thread-safe. Throws Error when there is no such answer.
[[nodiscard]] nlohmann::json ask(const Connection& connection, const std::string& subject,
                                 const std::string& body);

/// The answer's err_code; 0 when it is not an error.
[[nodiscard]] int error_code(const nlohmann::json& answer);

/// Throws Error when the answer is an error.
void require_success(const nlohmann::json& answer, const std::string& call);

}  // namespace events::nats
