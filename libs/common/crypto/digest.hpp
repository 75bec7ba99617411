#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace events::crypto {

/// 256 bits of SHA-256 or of an HMAC with it.
using Digest = std::array<unsigned char, 32>;

// Pure and thread-safe. They throw std::runtime_error when libcrypto has no SHA-256 for us, which
// is a broken installation.

[[nodiscard]] Digest sha256(std::string_view text);

/// HMAC-SHA256 (RFC 2104) of the parts, one after the other: nothing is copied to join them.
[[nodiscard]] Digest hmac_sha256(std::string_view key,
                                 std::initializer_list<std::string_view> parts);

/// Whether they are the same, in a time that does not depend on where they differ.
[[nodiscard]] bool equal(const Digest& left, const Digest& right) noexcept;

/// Reads 64 hexadecimal digits, of either case; nothing for any other text.
[[nodiscard]] std::optional<Digest> parse_hex(std::string_view text) noexcept;

/// 64 lower-case hexadecimal digits.
[[nodiscard]] std::string to_hex(const Digest& digest);

}  // namespace events::crypto
