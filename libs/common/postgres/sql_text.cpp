#include "common/postgres/sql_text.hpp"

#include "common/postgres/segment_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>

namespace events::postgres {
namespace {

using segments::Cents128;
using segments::format::floor_div;

constexpr std::int64_t kMicrosecondsPerDay = 24 * segments::format::kMicrosecondsPerHour;
/// The Gregorian calendar repeats itself after 400 years.
constexpr std::int64_t kDaysOfCycle = 146'097;
constexpr std::int64_t kYearsOfCycle = 400;
/// Of digits that 128 bits hold for sure.
constexpr std::size_t kMaxDigits = 36;

constexpr std::array<std::uint8_t, 256> kDigits = [] {
    std::array<std::uint8_t, 256> digits{};
    for (std::uint8_t i = 0; i < 10; ++i) digits['0' + i] = i;
    for (std::uint8_t i = 0; i < 6; ++i) digits['a' + i] = static_cast<std::uint8_t>(10 + i);
    return digits;
}();

std::uint8_t digit(char c) noexcept {
    return kDigits[static_cast<unsigned char>(c)];
}

}  // namespace

std::string time_text(std::int64_t microseconds) {
    if (microseconds <= kBeginning) return "-infinity";
    if (microseconds == kEnd) return "infinity";
    const auto days = floor_div(microseconds, kMicrosecondsPerDay);
    const auto cycles = floor_div(days, kDaysOfCycle);
    const std::chrono::year_month_day date{
        std::chrono::sys_days{std::chrono::days{days - cycles * kDaysOfCycle}}};
    const auto year = static_cast<int>(date.year()) + cycles * kYearsOfCycle;
    const std::chrono::hh_mm_ss clock{
        std::chrono::microseconds{microseconds - days * kMicrosecondsPerDay}};
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}+00{}", year > 0 ? year : 1 - year,
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       clock.subseconds().count(), year > 0 ? "" : " BC");
}

std::string microseconds_of(std::string_view expression) {
    return fmt::format("greatest(least(extract(epoch FROM {}) * 1000000, {}), {})::bigint",
                       expression, kEnd, kBeginning);
}

std::string amount_text(Cents128 cents) {
    std::string reversed;
    for (auto left = cents; left != 0 || reversed.size() < 4; left /= 10) {
        const auto last = static_cast<int>(left % 10);
        reversed += static_cast<char>('0' + (last < 0 ? -last : last));
        if (reversed.size() == 2) reversed += '.';
    }
    if (cents < 0) reversed += '-';
    std::ranges::reverse(reversed);
    return reversed;
}

std::optional<Cents128> read_amount(std::string_view text) {
    const bool is_negative = text.starts_with('-');
    if (is_negative) text.remove_prefix(1);
    const auto point = std::min(text.find('.'), text.size());
    const auto units = text.substr(0, point);
    auto fraction = text.substr(std::min(point + 1, text.size()));
    while (fraction.size() > 2 && fraction.back() == '0') fraction.remove_suffix(1);
    const auto is_number = [](std::string_view digits) {
        return digits.find_first_not_of("0123456789") == std::string_view::npos;
    };
    if (units.empty() || !is_number(units) || !is_number(fraction) || fraction.size() > 2 ||
        units.size() > kMaxDigits) {
        return std::nullopt;
    }
    Cents128 cents = 0;
    for (const char c : units) cents = cents * 10 + digit(c);
    for (std::size_t i = 0; i < 2; ++i) {
        cents = cents * 10 + (i < fraction.size() ? digit(fraction[i]) : 0);
    }
    return is_negative ? -cents : cents;
}

std::vector<std::byte> read_bytea(std::string_view text) {
    if (!text.starts_with("\\x")) throw std::runtime_error{"bytea_output is not hex"};
    text.remove_prefix(2);
    std::vector<std::byte> bytes(text.size() / 2);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<std::byte>(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
    }
    return bytes;
}

}  // namespace events::postgres
