#pragma once

#include "common/events/event.hpp"
#include "common/events/money.hpp"
#include "publisher/corruption.hpp"
#include "publisher/random.hpp"

#include <optional>
#include <string>

namespace events::publisher {

/// Adds one event's JSON to `out`: a new id, a new user and, for facebook's bottom of the funnel, a
/// nearly unique campaign, in the field order of the reference publisher. About 450 bytes.
///
/// Gives the amount that counts as revenue: nothing for an event type without revenue (even when
/// it carries an amount) and for a null amount. Pure but for `random`, of which it takes all its
/// choices.
std::optional<Cents> append_event(std::string& out, const EventType& type, Timestamp time,
                                  std::optional<Corruption> corruption, Random& random);

}  // namespace events::publisher
