#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>

namespace events::test {

/// One request to JetStream's API, on a connection of its own, e.g. to
/// "$JS.API.STREAM.INFO.EVENTS_DEAD". `nats_url` may be a list. Failure: std::runtime_error when
/// there is no answer; an answer may be an "error".
[[nodiscard]] nlohmann::json jetstream_api(const std::string& nats_url, const std::string& subject,
                                           const std::string& body = {});

}  // namespace events::test
