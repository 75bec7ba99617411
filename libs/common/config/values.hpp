#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace events::config {

/// Reads the whole text as a number; nothing when a part of it is not one.
template <typename T>
[[nodiscard]] std::optional<T> parse_number(std::string_view text) {
    T value{};
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || rest != end) return std::nullopt;
    return value;
}

/// Reads a size as operators write it: 52428800, 4GiB, 4Gi, 4GB, 512k, 1.5 GiB, in any case.
///
/// Units   Ki, Mi, Gi, Ti (also KiB ...): powers of 1,024; k, M, G, T (also kB ...): powers of
///         1,000, as Kubernetes and the SI have them. A part of a byte is dropped.
/// Errors  nothing for all else, and beyond 64 bits.
[[nodiscard]] std::optional<std::uint64_t> parse_bytes(std::string_view text);

/// Reads a duration: 1500 (milliseconds), 500ms, 30s, 1.5s, 5m, 1h, 2d. Nothing for all else.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// Reads true, yes, on, 1, enabled, t, y and their opposites, in any case. Nothing for all else.
[[nodiscard]] std::optional<bool> parse_boolean(std::string_view text);

}  // namespace events::config
