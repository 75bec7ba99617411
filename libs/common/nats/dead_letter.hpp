#pragma once

#include "common/events/event.hpp"
#include "common/events/rejection.hpp"
#include "common/nats/publisher.hpp"

#include <chrono>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace events::nats {

/// A 128-bit hash of the parts, as 32 hexadecimal digits: the Nats-Msg-Id of a message. The same
/// parts give the same id in every process, so that a repeated request is stored once.
[[nodiscard]] std::string message_id(std::initializer_list<std::string_view> parts);

/// Bytes that could not be used, and why (contract, section 5).
struct DeadLetter {
    const char* subject;    ///< dead.gateway, dead.facebook or dead.tiktok
    std::string_view raw;   ///< cut to what a message may have; X-Original-Bytes then has its size
    std::string_view code;  ///< from the closed list of RejectionCode, or malformed_body
    std::string_view reason;
    std::string_view path;
    std::string_view correlation_id;
    std::string_view traceparent = {};  ///< of the request, where its sender traces
    /// What tells it from another one with the same bytes, e.g. its place in the request.
    std::string_view discriminator;
    /// When the gateway took the event, where that is known and not the moment of its failure.
    std::optional<Timestamp> received_at = {};
    /// What the broker takes, headers included: Publisher::max_payload().
    std::size_t max_payload = std::numeric_limits<std::size_t>::max();
};

/// The dead letter's headers; X-Failed-At is `now`.
[[nodiscard]] std::vector<HeaderField> headers_of(const DeadLetter& letter,
                                                  std::chrono::system_clock::time_point now);

/// The part of the bytes that is sent with these headers: kMaxMessageBytes at most, and as much as
/// `max_payload` leaves.
[[nodiscard]] std::string_view payload_of(const DeadLetter& letter,
                                          std::span<const HeaderField> fields) noexcept;

}  // namespace events::nats
