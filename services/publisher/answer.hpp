#pragma once

#include "common/expected.hpp"
#include "common/http/client.hpp"
#include "publisher/random.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace events::publisher {

/// Why events were not accepted: a closed list, the `reason` label of publish_failures_total.
enum class FailureReason : std::uint8_t {
    invalid,      ///< the gateway took the POST and counted these events as failed
    refused,      ///< told to come later: 429, 502, 503, 504
    rejected,     ///< any other answer that is not 2xx
    unreachable,  ///< no connection, or it broke before anything was sent
    unanswered,   ///< sent, but no answer came: what became of it is not known
    unaccounted,  ///< a 2xx whose figures leave these events out
};

inline constexpr std::array<std::pair<std::string_view, FailureReason>, 6> kFailureReasons{{
    {"invalid", FailureReason::invalid},
    {"refused", FailureReason::refused},
    {"rejected", FailureReason::rejected},
    {"unreachable", FailureReason::unreachable},
    {"unanswered", FailureReason::unanswered},
    {"unaccounted", FailureReason::unaccounted},
}};

/// What one attempt to post a batch came to.
struct Answer {
    unsigned status = 0;        ///< 0: there was none
    std::uint64_t saved = 0;    ///< as the gateway says; every event where it says nothing
    std::uint64_t failed = 0;   ///< invalid events, as the gateway says
    std::uint64_t spooled = 0;  ///< of the saved ones
    std::optional<FailureReason> failure;  ///< why the POST as a whole was not accepted
    std::chrono::seconds retry_after{0};   ///< from the header; 0: not said
    std::string error;  ///< for the log; also for a 2xx whose figures can't be right

    /// Whether the same bytes may succeed later. Safe to repeat even where the first may have
    /// arrived: the collectors store an event once.
    [[nodiscard]] bool is_temporary() const noexcept {
        return failure && *failure != FailureReason::rejected;
    }
};

/// Reads the answer to a POST of `events` events.
[[nodiscard]] Answer read_answer(const Expected<http::ClientResponse, http::ClientError>& response,
                                 std::uint64_t events);

/// How long to wait before attempt `attempt` + 1 (the first is 1): twice as long each time, from
/// 200 ms to 30 s, half of it random, so that several publishers do not come back together; and
/// not before `retry_after` (of which at most 5 min are waited for).
[[nodiscard]] std::chrono::milliseconds retry_delay(unsigned attempt,
                                                    std::chrono::seconds retry_after,
                                                    Random& random) noexcept;

}  // namespace events::publisher
