#pragma once

#include "common/expected.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace events::gateway {

/// How a sender wants its events to be treated: parameters of POST /events, "true" or "false".
struct SendOptions {
    bool dry_run = false;  ///< dryRun: events are checked, and nothing is published or kept
    bool strict = false;   ///< strict: an event that fails makes the answer a 422
};

struct BadSendOption {
    std::string parameter;
    std::string message;  ///< continues the parameter's name
};

/// Reads a query string, percent-encoded. Other parameters are ignored: senders are behind links
/// and proxies that add some. One that is meant to be ours, but is written in other letters, is
/// refused: what somebody wants to try only must not be stored. All problems at once. Pure.
[[nodiscard]] Expected<SendOptions, std::vector<BadSendOption>> read_send_options(
    std::string_view query);

}  // namespace events::gateway
