#include "dlq/text.hpp"

#include "common/events/json_text.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <iterator>

namespace events::dlq {
namespace {

constexpr std::size_t kLongestCharacter = 4;

/// The length of the UTF-8 character that the text begins with; 0 when it begins with none.
std::size_t character_length(std::string_view text) noexcept {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    return length <= text.size() && is_utf8(text.substr(0, length)) ? length : 0;
}

char32_t code_point(std::string_view character) noexcept {
    const auto byte = [&](std::size_t index) {
        return static_cast<char32_t>(static_cast<unsigned char>(character[index]));
    };
    char32_t code = byte(0);
    if (character.size() == 1) return code;
    code &= 0x7FU >> character.size();
    for (std::size_t i = 1; i < character.size(); ++i) code = code << 6 | (byte(i) & 0x3FU);
    return code;
}

/// Controls (C0, DEL, C1), and format characters that reorder, hide or break a line.
bool is_harmful(char32_t code) noexcept {
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0xAD || code == 0x61C ||
           code == 0x180E || (code >= 0x200B && code <= 0x200F) ||
           (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) ||
           code == 0xFEFF || (code >= 0xFFF9 && code <= 0xFFFB) ||
           (code >= 0xE0000 && code <= 0xE0FFF);
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
    return simdjson::validate_utf8(text.data(), text.size());
}

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto length = character_length(text);
        const auto character = text.substr(0, std::max<std::size_t>(length, 1));
        text.remove_prefix(character.size());
        const char32_t code = code_point(character);
        if (length == 0 || (is_harmful(code) && code < 0x80)) {
            fmt::format_to(std::back_inserter(out), "\\x{:02x}",
                           static_cast<unsigned char>(character.front()));
        } else if (is_harmful(code)) {
            fmt::format_to(std::back_inserter(out), "\\u{{{:04x}}}",
                           static_cast<std::uint32_t>(code));
        } else {
            out += character;
        }
    }
    return out;
}

std::string abridged(std::string_view text, std::size_t columns) {
    const auto shown = printable(text.substr(0, (columns + 1) * kLongestCharacter));
    if (characters(shown) <= columns) return shown;
    return std::string{json::first_characters(shown, columns - 1)} + "…";
}

std::size_t characters(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

}  // namespace events::dlq
