#pragma once

#include "common/events/parser.hpp"
#include "common/http/message.hpp"
#include "gateway/send_options.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace events::gateway {

/// What is known of a request's events when it is answered.
struct Tally {
    std::uint64_t saved = 0;
    std::uint64_t failed = 0;
    std::uint64_t spooled = 0;  ///< of `saved`: not in JetStream yet
};

/// What a request's events came to (contract, section 3): `{"saved":n,"failed":m,"errors":[...]}`,
/// each problem an entry of its own up to kMaxProblemsOfBody of them, then `"errorsOmitted":n`.
/// 201; 202 with `"spooled":k` besides; of a dry run 200 with `"dryRun":true`; with `strict` 422
/// where an event failed. Pure.
[[nodiscard]] http::Response checked(Tally tally, std::span<const RejectedEvent> rejected,
                                     const SendOptions& options);

/// 503 with Retry-After and what was saved so far. Pure.
[[nodiscard]] http::Response not_stored(std::string_view detail, std::string_view correlation_id,
                                        Tally tally);

/// 400 that names every parameter that can't be used. Pure.
[[nodiscard]] http::Response refused(std::span<const BadSendOption> bad,
                                     std::string_view correlation_id);

}  // namespace events::gateway
