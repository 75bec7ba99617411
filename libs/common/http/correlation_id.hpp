#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace events::http {

/// Whether a client's X-Correlation-Id may be used: [A-Za-z0-9._:-]{1,128}.
[[nodiscard]] bool is_correlation_id(std::string_view text) noexcept;

/// A new UUIDv7 (RFC 9562), e.g. "0192f0c1-....-7...": sorts by time. Thread-safe.
[[nodiscard]] std::string make_uuid_v7();

/// Unique, not secret. Thread-safe.
[[nodiscard]] std::uint64_t random_bits();

}  // namespace events::http
