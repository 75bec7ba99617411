#pragma once

#include "common/events/event.hpp"
#include "common/events/money.hpp"
#include "publisher/random.hpp"

#include <array>
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace events::publisher {

/// Adds `text` (UTF-8) as a JSON string with its quotes; escapes what JSON wants escaped.
void append_json_string(std::string& out, std::string_view text);

/// Adds a random UUID in the shape of version 4, e.g. "2b0c5d1e-8f3a-4c7b-9d2e-1a6f0b4c8d7e".
void append_uuid(std::string& out, Random& random);

/// Adds "2026-03-01T10:00:00.123Z", the shape of JavaScript's toISOString; finer parts are cut off.
/// For the years 0 to 9999.
void append_timestamp(std::string& out, Timestamp time);

/// Adds "12.50" for 1250 cents; not for negative amounts.
void append_amount(std::string& out, Cents amount);

template <std::integral T>
void append_integer(std::string& out, T number) {
    std::array<char, 24> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
    static_cast<void>(error);  // 24 characters hold every 64-bit number
    out.append(text.data(), end);
}

}  // namespace events::publisher
