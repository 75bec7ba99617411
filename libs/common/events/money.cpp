#include "common/events/money.hpp"

#include <fmt/format.h>

namespace events {
namespace {

constexpr std::size_t kMaxWholeDigits = 12;

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

}  // namespace

std::optional<Cents> parse_amount(std::string_view text) noexcept {
    std::int64_t value = 0;
    std::size_t at = 0;
    const auto take_digits = [&](std::size_t most) {
        const auto first = at;
        for (; at < text.size() && at - first < most && is_digit(text[at]); ++at) {
            value = value * 10 + (text[at] - '0');
        }
        return at - first;
    };

    if (take_digits(kMaxWholeDigits) == 0) return std::nullopt;
    std::size_t decimals = 0;
    if (at < text.size() && text[at] == '.') {
        ++at;
        decimals = take_digits(2);
        if (decimals == 0) return std::nullopt;
    }
    if (at != text.size()) return std::nullopt;
    for (; decimals < 2; ++decimals) value *= 10;
    return Cents{value};
}

std::string format_amount(Cents amount) {
    const auto cents = static_cast<std::int64_t>(amount);
    // Unsigned, since the smallest int64 has no positive counterpart.
    const auto magnitude = cents < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(cents)
                                     : static_cast<std::uint64_t>(cents);
    return fmt::format("{}{}.{:02}", cents < 0 ? "-" : "", magnitude / 100, magnitude % 100);
}

}  // namespace events
