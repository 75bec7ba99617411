#pragma once

#include "support/await.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <string>

namespace events::test {

/// For those who poll: a request is lost when nobody leads or listens at that moment.
inline constexpr std::chrono::seconds kAskAgain{5};

/// One request to JetStream's API, on a connection of its own, e.g. to
/// "$JS.API.STREAM.INFO.EVENTS_DEAD". `nats_url` may be a list. Failure: std::runtime_error when
/// there is no answer in `patience`; an answer may be an "error".
[[nodiscard]] nlohmann::json jetstream_api(const std::string& nats_url, const std::string& subject,
                                           const std::string& body = {},
                                           std::chrono::milliseconds patience = kPatience);

}  // namespace events::test
