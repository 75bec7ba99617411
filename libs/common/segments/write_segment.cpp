#include "common/segments/crc32c.hpp"
#include "common/segments/format.hpp"
#include "common/segments/rows.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <ranges>
#include <stdexcept>

namespace events::segments {
namespace {

using format::ColumnEntry;
using format::Header;

/// Appends columns one after the other, and puts header and directory in front of them.
class Writer {
  public:
    explicit Writer(std::size_t rows) { body_.reserve(rows * 64); }

    template <typename T>
    void add(std::span<const T> values) {
        const auto bytes = std::as_bytes(values);
        body_.insert(body_.end(), bytes.begin(), bytes.end());
    }

    /// Adds code_of(row) of each row.
    template <typename CodeOf>
    void add_codes(std::size_t width, std::size_t rows, CodeOf code_of) {
        if (width == 1) add_as<std::uint8_t>(rows, code_of);
        if (width == 2) add_as<std::uint16_t>(rows, code_of);
        if (width == 4) add_as<std::uint32_t>(rows, code_of);
        if (width == 8) add_as<std::uint64_t>(rows, code_of);
        align();
    }

    /// What was added since the last column is the column of that entry.
    void end_column(Column column, ColumnEntry entry) {
        entry.id = static_cast<std::uint16_t>(column);
        entry.offset = begin_;
        entry.length = body_.size() - begin_;
        entry.crc = crc32c(std::span{body_}.subspan(begin_));
        entries_.push_back(entry);
        align();
        begin_ = body_.size();
    }

    std::vector<std::byte> finish(Header header) {
        const auto directory = entries_.size() * sizeof(ColumnEntry);
        const auto front = sizeof header + directory;
        for (auto& entry : entries_) entry.offset += front;
        header.magic = format::kMagic;
        header.columns = static_cast<std::uint32_t>(entries_.size());
        header.size = front + body_.size();
        std::vector<std::byte> bytes(header.size);
        std::memcpy(bytes.data(), &header, sizeof header);
        std::memcpy(bytes.data() + sizeof header, entries_.data(), directory);
        std::memcpy(bytes.data() + front, body_.data(), body_.size());
        header.crc = crc32c(std::span{bytes}.first(front).subspan(offsetof(Header, columns)));
        std::memcpy(bytes.data(), &header, sizeof header);
        return bytes;
    }

  private:
    template <typename Code, typename CodeOf>
    void add_as(std::size_t rows, CodeOf code_of) {
        const auto at = body_.size();
        body_.resize(at + rows * sizeof(Code));
        auto* to = reinterpret_cast<Code*>(body_.data() + at);  // NOLINT: columns are aligned
        for (std::size_t row = 0; row < rows; ++row) to[row] = static_cast<Code>(code_of(row));
    }

    void align() { body_.resize(format::aligned(body_.size())); }

    std::vector<std::byte> body_;
    std::vector<ColumnEntry> entries_;
    std::size_t begin_ = 0;
};

void write_users(const std::vector<UserKey>& users, Writer& writer) {
    writer.add_codes(8, users.size(), [&](auto row) { return users[row].high; });
    writer.add_codes(8, users.size(), [&](auto row) { return users[row].low; });
    ColumnEntry entry{};
    entry.width = 16;
    writer.end_column(Column::user, entry);
}

/// format::kNull is null.
void write_numbers(Column column, const std::vector<std::int64_t>& numbers, Writer& writer) {
    auto least = std::numeric_limits<std::int64_t>::max();
    auto greatest = format::kNull;
    for (const auto number : numbers) {
        least = std::min(least, number == format::kNull ? least : number);
        greatest = std::max(greatest, number);
    }
    if (greatest == format::kNull) return;
    const auto base = static_cast<std::uint64_t>(least);
    ColumnEntry entry{};
    entry.base = least;
    entry.greatest = static_cast<std::uint64_t>(greatest) - base + 1;
    entry.width = format::width_for(entry.greatest);
    writer.add_codes(entry.width, numbers.size(), [&](auto row) {
        return numbers[row] == format::kNull ? 0
                                             : static_cast<std::uint64_t>(numbers[row]) - base + 1;
    });
    writer.end_column(column, entry);
}

/// The ids that rows have, in the order of their texts.
std::vector<std::uint32_t> used_ids(const std::vector<std::uint32_t>& ids, const TextIds& texts) {
    std::vector<std::uint8_t> is_used(texts.size() + 1);
    for (const auto id : ids) is_used[id] = 1;
    std::vector<std::uint32_t> used;
    for (std::uint32_t id = 1; id < is_used.size(); ++id) {
        if (is_used[id] != 0) used.push_back(id);
    }
    texts.sort(used);
    return used;
}

void write_texts(Column column, const std::vector<std::uint32_t>& ids, const TextIds& texts,
                 Writer& writer) {
    const auto used = used_ids(ids, texts);
    if (used.empty()) return;
    std::vector<std::uint32_t> codes_by_id(texts.size() + 1);
    std::vector<std::uint32_t> offsets{0};
    std::uint64_t bytes = 0;
    for (const auto id : used) {
        codes_by_id[id] = static_cast<std::uint32_t>(offsets.size());
        bytes += texts[id].size();
        if (bytes > format::kMaxTextBytes) throw std::length_error{"a segment's text is too long"};
        offsets.push_back(static_cast<std::uint32_t>(bytes));
    }
    ColumnEntry entry{};
    entry.width = format::width_for(used.size());
    entry.greatest = used.size();
    writer.add_codes(entry.width, ids.size(), [&](auto row) { return codes_by_id[ids[row]]; });
    writer.add(std::span<const std::uint32_t>{offsets});
    for (const auto id : used) writer.add(std::span<const char>{texts[id]});
    writer.end_column(column, entry);
}

void write_times(const std::vector<std::int64_t>& times, Writer& writer) {
    std::vector<std::int64_t> minutes(times.size());
    std::vector<std::int64_t> microseconds(times.size());
    for (std::size_t i = 0; i < times.size(); ++i) {
        minutes[i] = format::floor_div(times[i], format::kMicrosecondsPerMinute);
        const auto rest = times[i] % format::kMicrosecondsPerMinute;
        microseconds[i] = rest < 0 ? rest + format::kMicrosecondsPerMinute : rest;
    }
    write_numbers(Column::minute, minutes, writer);
    write_numbers(Column::microsecond, microseconds, writer);
}

}  // namespace

NewSegment write_segment(const Rows& rows, const Texts& texts,
                         std::span<const std::int64_t> spans) {
    if (rows.size() > format::kMaxRows) throw std::length_error{"a segment has too many rows"};
    Writer writer{rows.size()};
    write_users(rows.users, writer);
    write_times(rows.times, writer);
    const bool is_signed = std::ranges::any_of(rows.signs, [](auto sign) { return sign < 0; });
    if (is_signed) write_numbers(Column::sign, {rows.signs.begin(), rows.signs.end()}, writer);
    const auto columns = columns_of(rows.source);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto& [ids, numbers] = rows.columns[i];
        if (columns[i].text != nullptr) {
            write_texts(columns[i].column, ids, texts[i], writer);
        } else {
            write_numbers(columns[i].column, numbers, writer);
        }
    }
    const auto [first, last] = std::ranges::minmax(rows.times);
    Header header{};
    header.rows = rows.size();
    header.uuid_rows = static_cast<std::uint64_t>(
        std::ranges::find(rows.users, true, &UserKey::hashed) - rows.users.begin());
    header.first_time = first;
    header.last_time = last;
    header.source = rows.source.number();
    return {.bytes = writer.finish(header), .shares = shares_of(rows, texts, spans)};
}

}  // namespace events::segments
