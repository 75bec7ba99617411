#pragma once

#include "common/nats/publisher.hpp"

#include <string_view>

namespace events::nats {

/// Reads JetStream's answer to a publish.
///
/// Shape   {"stream":"S","seq":7}, then maybe "domain" and "duplicate"; or
///         {"error":{"code":503,"err_code":10077,"description":"..."},...}.
/// Errors  an answer that is neither is `unreachable`: nobody knows whether it is stored.
[[nodiscard]] PublishOutcome parse_pub_ack(std::string_view text);

}  // namespace events::nats
