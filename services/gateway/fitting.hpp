#pragma once

#include "common/events/parser.hpp"
#include "gateway/spool_file.hpp"

#include <cstddef>
#include <vector>

namespace events::gateway {

/// A broker bounds a message with its headers (max_payload); what was read or spooled before it was
/// asked may be larger.

/// Moves the events that no message of `max_payload` can hold from `accepted` to `rejected`, each
/// to its place there, as too_large_for_the_broker; `room` is what the headers leave of it.
/// kPadding bytes behind the body must be readable.
void reject_too_large(ParsedBody& body, std::size_t room, std::size_t max_payload, Parser& parser);

/// The same messages, as they are where they fit, which nearly all do. One of events is split; an
/// event that is too large alone becomes a dead letter, with an X-Event-Count of 1; a dead letter
/// is cut. The same messages and bound give the same ids.
[[nodiscard]] std::vector<SpooledMessage> fit(std::vector<SpooledMessage> messages,
                                              std::size_t max_payload);

}  // namespace events::gateway
