#include "publisher/json_append.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace events::publisher {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

/// Whether a byte has to be escaped in a JSON string.
constexpr auto kEscaped = [] {
    std::array<bool, 256> escaped{};
    for (std::size_t byte = 0; byte < 0x20; ++byte) escaped[byte] = true;
    escaped['"'] = escaped['\\'] = true;
    return escaped;
}();

/// Writes `width` decimal digits that end before `end`.
void put_digits(char* end, unsigned number, int width) {
    for (int i = 0; i < width; ++i) {
        *--end = static_cast<char>('0' + number % 10);
        number /= 10;
    }
}

/// Writes the last `width` hexadecimal digits of a number; they end before `end`.
void put_hex(char* end, std::uint64_t number, int width) {
    for (int i = 0; i < width; ++i) {
        *--end = kHex[number & 15U];
        number >>= 4U;
    }
}

void append_escaped(std::string& out, char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            out += "\\u00";
            out += kHex[static_cast<unsigned char>(c) >> 4U];
            out += kHex[static_cast<unsigned char>(c) & 15U];
    }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t plain = 0;  // where the part begins that needs no escape
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!kEscaped[static_cast<unsigned char>(text[i])]) continue;
        out.append(text, plain, i - plain);
        append_escaped(out, text[i]);
        plain = i + 1;
    }
    out.append(text, plain);
    out += '"';
}

void append_uuid(std::string& out, Random& random) {
    constexpr std::uint64_t kVersion = 0x4000;
    constexpr std::uint64_t kVariant = std::uint64_t{0b10} << 62U;
    const auto high = (random.next() & ~std::uint64_t{0xf000}) | kVersion;
    const auto low = (random.next() & ~(std::uint64_t{0b11} << 62U)) | kVariant;
    const auto begin = out.size();
    out += "00000000-0000-0000-0000-000000000000";
    char* text = out.data() + begin;
    put_hex(text + 8, high >> 32U, 8);
    put_hex(text + 13, high >> 16U, 4);
    put_hex(text + 18, high, 4);
    put_hex(text + 23, low >> 48U, 4);
    put_hex(text + 36, low, 12);
}

void append_timestamp(std::string& out, Timestamp time) {
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const auto since_midnight =
        static_cast<unsigned>(duration_cast<milliseconds>(time - day).count());
    const auto seconds_of_day = since_midnight / 1000;

    constexpr std::string_view kShape = "0000-00-00T00:00:00.000Z";
    const auto begin = out.size();
    out += kShape;
    char* text = out.data() + begin;
    put_digits(text + 4, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    put_digits(text + 7, static_cast<unsigned>(date.month()), 2);
    put_digits(text + 10, static_cast<unsigned>(date.day()), 2);
    put_digits(text + 13, seconds_of_day / 3600, 2);
    put_digits(text + 16, seconds_of_day / 60 % 60, 2);
    put_digits(text + 19, seconds_of_day % 60, 2);
    put_digits(text + 23, since_midnight % 1000, 3);
}

void append_amount(std::string& out, Cents amount) {
    const auto cents = static_cast<std::int64_t>(amount);
    append_integer(out, cents / 100);
    out += '.';
    out += static_cast<char>('0' + cents / 10 % 10);
    out += static_cast<char>('0' + cents % 10);
}

}  // namespace events::publisher
