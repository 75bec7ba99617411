#include "reporter/money.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <stdexcept>

namespace events::reporter {
namespace {

/// An amount in cents, of any length.
struct Amount {
    bool negative = false;
    std::string digits;  ///< no leading zeros, at least three: "005" is 0.05
};

bool all_digits(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Drops leading zeros, and pads to one digit before the decimals.
std::string normalised(std::string digits) {
    constexpr std::size_t kLeast = 3;
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    if (digits.size() < kLeast) digits.insert(0, kLeast - digits.size(), '0');
    return digits;
}

Amount read_amount(std::string_view numeric) {
    Amount amount{.negative = numeric.starts_with('-'), .digits = {}};
    if (amount.negative) numeric.remove_prefix(1);
    const auto point = std::min(numeric.find('.'), numeric.size());
    const auto whole = numeric.substr(0, point);
    const auto decimals = numeric.substr(std::min(point + 1, numeric.size()));
    if (whole.empty() || !all_digits(whole) || !all_digits(decimals) || decimals.size() > 2) {
        throw std::invalid_argument{"not an amount: " + std::string{numeric}};
    }
    std::string cents{whole};
    cents += decimals;
    cents.append(2 - decimals.size(), '0');
    amount.digits = normalised(std::move(cents));
    return amount;
}

std::string write_amount(const Amount& amount) {
    const bool zero = amount.digits.find_first_not_of('0') == std::string::npos;
    auto text = (amount.negative && !zero ? "-" : "") + amount.digits;
    text.insert(text.size() - 2, ".");
    return text;
}

std::uint64_t read_count(std::string_view text) {
    constexpr std::uint64_t kEnd = 1'000'000'000'000'000'000;  // ten times it still fits
    std::uint64_t count = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc{} || rest != end || count == 0 || count >= kEnd) {
        throw std::invalid_argument{"not a count: " + std::string{text}};
    }
    return count;
}

/// Adds one to a decimal number.
void increment(std::string& digits) {
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
        if (*digit != '9') {
            ++*digit;
            return;
        }
        *digit = '0';
    }
    digits.insert(0, 1, '1');
}

}  // namespace

std::string to_json_amount(std::string_view numeric) {
    return write_amount(read_amount(numeric));
}

std::string average_amount(std::string_view sum, std::string_view count) {
    const auto divisor = read_count(count);
    auto amount = read_amount(sum);
    // Long division, digit by digit; the remainder stays below the divisor.
    std::uint64_t remainder = 0;
    for (auto& digit : amount.digits) {
        remainder = remainder * 10 + static_cast<std::uint64_t>(digit - '0');
        digit = static_cast<char>('0' + remainder / divisor);
        remainder %= divisor;
    }
    if (remainder * 2 >= divisor) increment(amount.digits);
    amount.digits = normalised(std::move(amount.digits));
    return write_amount(amount);
}

}  // namespace events::reporter
