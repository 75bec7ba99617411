#include "publisher/json_append.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace events::publisher {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

/// Writes `width` decimal digits that end before `end`.
void put_digits(char* end, unsigned number, int width) {
    for (int i = 0; i < width; ++i) {
        *--end = static_cast<char>('0' + number % 10);
        number /= 10;
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
        const char c = text[i];
        if (c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20) continue;
        out.append(text, plain, i - plain);
        append_escaped(out, c);
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
    std::array<char, 36> text{};
    std::size_t at = 0;
    for (const auto half : {high, low}) {
        for (unsigned shift = 64; shift > 0; shift -= 4) {
            if (at == 8 || at == 13 || at == 18 || at == 23) text[at++] = '-';
            text[at++] = kHex[(half >> (shift - 4)) & 15U];
        }
    }
    out.append(text.data(), text.size());
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
