#pragma once

#include "common/nats/jetstream.hpp"

#include <cstdint>
#include <optional>

namespace events::gateway {

/// A stream and its consumer, as the broker told of them at one look.
struct StreamSnapshot {
    nats::StreamInfo stream;
    std::optional<nats::ConsumerInfo> consumer;  ///< where the stream has one
};

/// How many messages went between two looks without that a collector had them; nothing: there was
/// no such stream.
///
/// With the stream itself, or where another one of its name stands there now: all that it was last
/// seen to hold, which is the most that it can be. By a purge, or by single deletions: what the
/// consumer passed over without delivering it; fewer where messages were delivered twice meanwhile.
/// `is_queue`: only acknowledging takes messages out, as long as nobody deletes them. Of other
/// streams, and where nobody knows, the second kind does not count. Pure.
[[nodiscard]] std::uint64_t lost_messages(const std::optional<StreamSnapshot>& before,
                                          const std::optional<StreamSnapshot>& now, bool is_queue);

}  // namespace events::gateway
