#include "reporter/time_parameter.hpp"

#include "common/events/time.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <string>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMaxMilliseconds = 8'640'000'000'000'000;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_integer(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    return !text.empty() && std::ranges::all_of(text, is_digit);
}

std::optional<Instant> parse_milliseconds(std::string_view text) {
    std::int64_t count = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || count < -kMaxMilliseconds || count > kMaxMilliseconds) {
        return std::nullopt;
    }
    const Timestamp instant{std::chrono::milliseconds{count}};
    return Instant{instant, instant + 999us};
}

}  // namespace

std::optional<Instant> parse_instant(std::string_view text) {
    if (is_integer(text)) return parse_milliseconds(text);
    std::string date_time{text};
    for (const std::size_t length : {6U, 5U}) {  // " 02:00", " 0200": a query's plus is a blank
        if (date_time.size() <= length) continue;
        auto& sign = date_time[date_time.size() - length];
        if (sign == ' ') sign = '+';
    }
    const auto instant = parse_timestamp(date_time);
    if (!instant) return std::nullopt;
    return Instant{*instant, *instant};
}

}  // namespace events::reporter
