#include "dlq/moment.hpp"

#include "common/events/time.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>

namespace events::dlq {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kLongest = std::chrono::years{100};

/// 0 where the letter is no unit.
constexpr std::chrono::seconds unit_of(char letter) noexcept {
    switch (letter) {
        case 's':
            return 1s;
        case 'm':
            return 1min;
        case 'h':
            return 1h;
        case 'd':
            return std::chrono::days{1};
        case 'w':
            return std::chrono::weeks{1};
        default:
            return 0s;
    }
}

}  // namespace

std::optional<Timestamp> parse_moment(std::string_view text, Timestamp now) noexcept {
    if (const auto time = parse_timestamp(text)) return time;
    if (text.empty()) return std::nullopt;
    const auto unit = unit_of(text.back());
    text.remove_suffix(1);
    std::uint32_t count = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, count);
    if (unit == 0s || error != std::errc{} || rest != end) return std::nullopt;
    if (count > kLongest / unit) return std::nullopt;
    return now - count * unit;
}

}  // namespace events::dlq
