#pragma once

#include "common/events/event.hpp"
#include "common/events/money.hpp"
#include "publisher/corruption.hpp"
#include "publisher/random.hpp"

#include <optional>
#include <string>

namespace events::publisher {

/// Adds one event's JSON to `out`, as its source describes it: a new id, a new user, and a made-up
/// value for each field. About 450 bytes.
///
/// Gives the amount that counts as revenue: nothing for an event type without revenue (even when
/// it carries an amount) and for a null amount. Pure but for `random`, of which it takes all its
/// choices.
std::optional<Cents> append_event(std::string& out, const EventType& type, Timestamp time,
                                  std::optional<Corruption> corruption, Random& random);

}  // namespace events::publisher
