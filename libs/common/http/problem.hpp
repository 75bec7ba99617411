#pragma once

#include "common/http/message.hpp"

#include <chrono>
#include <string_view>

namespace events::http {

/// An RFC 9457 answer: application/problem+json with type, title, status, detail, correlationId.
/// `extra_members` is JSON text that is added as it is, e.g. `"saved":3,"failed":0`.
[[nodiscard]] Response problem(unsigned status, std::string_view detail,
                               std::string_view correlation_id,
                               std::string_view extra_members = {});

/// The same with a Retry-After header, in whole seconds (rounded up).
[[nodiscard]] Response retry_later(std::string_view detail, std::string_view correlation_id,
                                   std::chrono::seconds after, std::string_view extra_members = {});

/// The standard phrase of a status code, e.g. "Not Found".
[[nodiscard]] std::string_view title_of(unsigned status) noexcept;

}  // namespace events::http
