#include "common/events/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace events::json {
namespace {

constexpr std::size_t kHexDigits = 4;
constexpr std::int64_t kMostDigits = 19;  // of a number of 64 bits

/// The letter behind the backslash and the character it stands for.
constexpr std::array<std::pair<char, char>, 8> kShortEscapes{{{'"', '"'},
                                                              {'\\', '\\'},
                                                              {'/', '/'},
                                                              {'b', '\b'},
                                                              {'f', '\f'},
                                                              {'n', '\n'},
                                                              {'r', '\r'},
                                                              {'t', '\t'}}};

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

constexpr bool is_hex(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

constexpr bool is_high_surrogate(char32_t unit) noexcept {
    return unit >> 10 == 0x36;
}
constexpr bool is_low_surrogate(char32_t unit) noexcept {
    return unit >> 10 == 0x37;
}

/// Takes at least one digit away; false when there is none.
bool skip_digits(std::string_view& text) noexcept {
    const auto end = std::ranges::find_if_not(text, is_digit);
    const auto count = static_cast<std::size_t>(end - text.begin());
    text.remove_prefix(count);
    return count > 0;
}

/// Takes "\uXXXX" away, which must stand there.
char32_t take_unit(std::string_view& text) noexcept {
    std::uint16_t unit = 0;
    const auto* hex = text.data() + 2;
    std::from_chars(hex, hex + kHexDigits, unit, 16);
    text.remove_prefix(2 + kHexDigits);
    return unit;
}

void append_utf8(std::string& out, char32_t code) {
    const auto byte = [&](char32_t bits) { out += static_cast<char>(bits); };
    if (code < 0x80) return byte(code);
    if (code < 0x800) {
        byte(0xC0 | code >> 6);
    } else {
        if (code < 0x10000) {
            byte(0xE0 | code >> 12);
        } else {
            byte(0xF0 | code >> 18);
            byte(0x80 | (code >> 12 & 0x3F));
        }
        byte(0x80 | (code >> 6 & 0x3F));
    }
    byte(0x80 | (code & 0x3F));
}

/// Takes one \uXXXX, or the pair of them that a character above U+FFFF needs; false when it is a
/// lone surrogate.
bool unescape_unicode(std::string_view& rest, std::string& out) {
    char32_t code = take_unit(rest);
    if (is_low_surrogate(code)) return false;
    if (is_high_surrogate(code)) {
        if (!rest.starts_with("\\u")) return false;
        const char32_t low = take_unit(rest);
        if (!is_low_surrogate(low)) return false;
        code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF);
    }
    append_utf8(out, code);
    return true;
}

Expected<std::int64_t, NoInteger> read_digits(std::string_view digits) {
    std::int64_t integer = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), integer);
    if (error != std::errc{}) return Unexpected<NoInteger>{NoInteger::too_large};
    return integer;
}

/// Of "", "e5", "E+5" or "e-5". One beyond all numbers of an event's size is as good as any other.
std::int64_t exponent_in(std::string_view text) noexcept {
    constexpr std::int64_t kBeyond = 1'000'000'000;
    if (text.empty()) return 0;
    text.remove_prefix(1);
    if (text.starts_with('+')) text.remove_prefix(1);
    std::int64_t exponent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
    if (error != std::errc{}) return text.starts_with('-') ? -kBeyond : kBeyond;
    return std::clamp(exponent, -kBeyond, kBeyond);
}

}  // namespace

std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

bool is_number(std::string_view text) noexcept {
    if (text.starts_with('-')) text.remove_prefix(1);
    if (text.starts_with('0')) {
        text.remove_prefix(1);  // no digit may follow
    } else if (!skip_digits(text)) {
        return false;
    }
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        if (!skip_digits(text)) return false;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
        if (!skip_digits(text)) return false;
    }
    return text.empty();
}

Expected<std::int64_t, NoInteger> read_integer(std::string_view number) {
    if (number.find_first_of(".eE") == std::string_view::npos) return read_digits(number);
    const auto mantissa = number.substr(0, number.find_first_of("eE"));
    auto power = exponent_in(number.substr(mantissa.size()));
    std::string digits{mantissa};
    if (const auto point = digits.find('.'); point != std::string::npos) {
        digits.erase(point, 1);
        power -= static_cast<std::int64_t>(digits.size() - point);
    }
    const auto last = digits.find_last_not_of("-0");
    if (last == std::string::npos) return 0;
    power += static_cast<std::int64_t>(digits.size() - last - 1);
    digits.resize(last + 1);
    if (power < 0) return Unexpected<NoInteger>{NoInteger::fraction};
    if (power > kMostDigits) return Unexpected<NoInteger>{NoInteger::too_large};
    return read_digits(digits.append(static_cast<std::size_t>(power), '0'));
}

bool has_valid_escapes(std::string_view content) noexcept {
    for (auto at = content.find('\\'); at != std::string_view::npos; at = content.find('\\', at)) {
        const auto sequence = content.substr(at + 1);
        if (sequence.empty()) return false;
        if (sequence.front() == 'u') {
            const auto hex = sequence.substr(1, kHexDigits);
            if (hex.size() < kHexDigits || !std::ranges::all_of(hex, is_hex)) return false;
            at += 2 + kHexDigits;
        } else {
            const auto known = [&](const auto& escape) { return escape.first == sequence.front(); };
            if (std::ranges::none_of(kShortEscapes, known)) return false;
            at += 2;
        }
    }
    return true;
}

std::optional<std::string> unescape(std::string_view content) {
    std::string out;
    out.reserve(content.size());
    while (!content.empty()) {
        const auto plain = content.substr(0, content.find('\\'));
        out += plain;
        content.remove_prefix(plain.size());
        if (content.empty()) break;
        if (content[1] == 'u') {
            if (!unescape_unicode(content, out)) return std::nullopt;
            continue;
        }
        for (const auto& [letter, character] : kShortEscapes) {
            if (letter == content[1]) out += character;
        }
        content.remove_prefix(2);
    }
    return out;
}

std::string_view first_characters(std::string_view text, std::size_t most) noexcept {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool begins_a_character = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
        if (begins_a_character && ++count > most) return text.substr(0, at);
    }
    return text;
}

}  // namespace events::json
