#pragma once

#include "common/events/parser.hpp"
#include "common/http/message.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace events::gateway {

/// How many of a request's errors stand in its answer.
inline constexpr std::size_t kMaxErrorsShown = 100;

/// What is known of a request's events when it is answered.
struct Tally {
    std::uint64_t saved = 0;
    std::uint64_t failed = 0;
    std::uint64_t spooled = 0;  ///< of `saved`: not in JetStream yet
};

/// 201 `{"saved":n,"failed":m,"errors":[...]}`, or 202 with `"spooled":k` besides (contract,
/// section 3). Pure.
[[nodiscard]] http::Response stored(Tally tally, std::span<const RejectedEvent> rejected);

/// 503 with Retry-After and what was saved so far. Pure.
[[nodiscard]] http::Response not_stored(std::string_view detail, std::string_view correlation_id,
                                        Tally tally);

}  // namespace events::gateway
