#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

/// The bytes of a segment: some events of one source, column by column.
///
///     Header                     64 bytes
///     ColumnEntry[columns]       40 bytes each, by ascending offset
///     the columns                each begins at a multiple of 8; zero bytes between them
///
/// All numbers are little-endian. Rows stand in the order of (kind of user, user, time, the other
/// columns): first the rows of users whose id is a UUID, then the others. A column is
///
///     user          u64 high[rows], u64 low[rows]; entry.width is 16. The halves of the UUID's
///                   bytes, or of the first 16 bytes of the id's SHA-256, each read as big-endian
///     any other     code[rows], entry.width bytes each, and zero bytes up to a multiple of 8
///                   of text: then u32 offset[greatest + 1] and the texts, UTF-8, ascending by
///                   bytes
///
/// A code of 0 is null. In a text column code c is the c-th text, its bytes from offset[c - 1] to
/// offset[c]; in a column of numbers it is the number base + c - 1. A column that is not there is
/// null everywhere, except `sign`, which is then +1. A reader passes over columns it does not know.
///
/// The time of a row is minute * 60,000,000 + microsecond, in microseconds since 1970 (UTC).
/// A row whose sign is -1 takes back an event: it cancels the same row with sign +1, wherever that
/// one stands.
///
/// Limits: 2^32 - 2 rows, 2^32 - 1 bytes of text a column, numbers above -2^63. Who writes more
/// gets an exception; see write_segment().
namespace events::segments::format {

static_assert(std::endian::native == std::endian::little,
              "segments are mapped as they are: a big-endian machine needs loads that swap");

inline constexpr std::array<char, 8> kMagic{'E', 'V', 'S', 'E', 'G', '0', '1', '\n'};
inline constexpr std::size_t kAlignment = 8;
inline constexpr std::uint64_t kMaxRows = std::numeric_limits<std::uint32_t>::max() - 1;
inline constexpr std::uint64_t kMaxTextBytes = std::numeric_limits<std::uint32_t>::max();
/// A number that can not be stored: null among the values that are not encoded yet.
inline constexpr std::int64_t kNull = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kMicrosecondsPerMinute = 60'000'000;
inline constexpr std::int64_t kMicrosecondsPerHour = 60 * kMicrosecondsPerMinute;

struct Header {
    std::array<char, 8> magic;
    std::uint32_t crc;  ///< CRC-32C of the bytes from `columns` to the end of the directory
    std::uint32_t columns;
    std::uint64_t size;       ///< of the segment in bytes
    std::uint64_t rows;       ///< at least 1
    std::uint64_t uuid_rows;  ///< the first rows, whose users' ids are UUIDs
    std::int64_t first_time;  ///< the earliest event's and the latest one's
    std::int64_t last_time;
    std::uint8_t source;                   ///< its number, see SourceSpec
    std::array<std::uint8_t, 7> reserved;  ///< 0
};

struct ColumnEntry {
    std::uint16_t id;      ///< Column, which also says whether it is of text
    std::uint16_t width;   ///< of a code in bytes: 1, 2, 4 or 8
    std::uint32_t crc;     ///< CRC-32C of the column's `length` bytes
    std::int64_t base;     ///< numbers: what code 1 stands for; text: 0
    std::uint64_t offset;  ///< from the segment's first byte
    std::uint64_t length;
    std::uint64_t greatest;  ///< code; of text: the number of texts in the dictionary
};

static_assert(sizeof(Header) == 64 && sizeof(ColumnEntry) == 40);

[[nodiscard]] constexpr std::size_t aligned(std::size_t size) noexcept {
    return (size + kAlignment - 1) / kAlignment * kAlignment;
}

/// Rounds down, also before 1970.
[[nodiscard]] constexpr std::int64_t floor_div(std::int64_t number, std::int64_t by) noexcept {
    return number / by - (number % by < 0 ? 1 : 0);
}

/// The narrowest width for codes up to `largest`.
[[nodiscard]] constexpr std::uint8_t width_for(std::uint64_t largest) noexcept {
    if (largest <= 0xff) return 1;
    if (largest <= 0xffff) return 2;
    return largest <= 0xffff'ffff ? 4 : 8;
}

}  // namespace events::segments::format
