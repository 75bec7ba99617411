#pragma once

#include "common/expected.hpp"
#include "common/segments/format.hpp"
#include "common/segments/record.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace events::segments {

/// A segment's bytes and whatever keeps them: a vector, a mapped file.
struct Blob {
    std::shared_ptr<const std::byte> data;
    std::size_t size = 0;
};

[[nodiscard]] Blob blob_of(std::vector<std::byte> bytes);

/// The texts of a column, ascending; the first has code 1.
struct Dictionary {
    std::span<const std::uint32_t> offsets;
    const char* texts = nullptr;

    [[nodiscard]] std::size_t size() const noexcept {
        return offsets.empty() ? 0 : offsets.size() - 1;
    }
    [[nodiscard]] std::string_view operator[](std::uint64_t code) const noexcept {
        return {texts + offsets[code - 1], offsets[code] - offsets[code - 1]};
    }
    /// 0 where there is none.
    [[nodiscard]] std::uint64_t find(std::string_view text) const noexcept;
};

/// A range of codes, both ends inclusive; empty where `last` is before `first`.
struct CodeRange {
    std::uint64_t first = 1;
    std::uint64_t last = 0;
};

/// A column of a decoded segment, see format.hpp.
struct ColumnView {
    Column column{};
    bool is_text = false;
    std::uint8_t width = 0;
    std::int64_t base = 0;
    std::uint64_t greatest = 0;  ///< code
    const std::byte* codes = nullptr;
    Dictionary dictionary;

    [[nodiscard]] std::int64_t number(std::uint64_t code) const noexcept {
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(base) + code - 1);
    }
    /// The codes of the numbers from `min` to `max`.
    [[nodiscard]] CodeRange codes_of(std::int64_t min, std::int64_t max) const noexcept;

    /// Calls `use` with a pointer to the codes of the rows from `begin` on.
    template <typename Use>
    void with_codes(std::size_t begin, Use use) const {
        if (width == 1) use(at<std::uint8_t>(begin));
        if (width == 2) use(at<std::uint16_t>(begin));
        if (width == 4) use(at<std::uint32_t>(begin));
        if (width == 8) use(at<std::uint64_t>(begin));
    }
    template <typename Code>
    [[nodiscard]] const Code* at(std::size_t begin) const noexcept {
        return reinterpret_cast<const Code*>(codes) + begin;  // NOLINT: aligned by decode()
    }
};

/// What is looked at before a segment is used. A `directory` that is right vouches for columns that
/// were checked in full before: by their writer in this process, or when their file was written.
enum class Check : std::uint8_t { all, directory };

/// A segment that was checked as a whole: whatever its bytes, no use of it leaves them. Immutable;
/// copies share the bytes.
class Segment {
  public:
    /// Errors  a sentence on what is wrong, for a log: wrong length, checksum or content.
    [[nodiscard]] static Expected<Segment, std::string> decode(Blob blob, Check check = Check::all);

    [[nodiscard]] Source source() const noexcept {
        return *find_source_of_number(header_.source);  // decode() looked for it
    }
    [[nodiscard]] std::size_t rows() const noexcept { return header_.rows; }
    /// The first rows, whose users' ids are UUIDs.
    [[nodiscard]] std::size_t uuid_rows() const noexcept { return header_.uuid_rows; }
    /// Of the first and of the last event.
    [[nodiscard]] TimeRange times() const noexcept {
        return {header_.first_time, header_.last_time};
    }
    [[nodiscard]] bool is_signed() const noexcept { return find(Column::sign) != nullptr; }
    [[nodiscard]] std::size_t size() const noexcept { return header_.size; }

    [[nodiscard]] const std::uint64_t* high() const noexcept { return high_; }
    [[nodiscard]] const std::uint64_t* low() const noexcept { return high_ + rows(); }
    [[nodiscard]] UserKey user(std::size_t row) const noexcept {
        return {row >= uuid_rows(), high()[row], low()[row]};
    }
    /// Null where every row's value is null, and for columns that it does not know.
    [[nodiscard]] const ColumnView* find(Column column) const noexcept;

    /// Writes the times of the rows from `begin` on, as many as fit.
    void read_times(std::size_t begin, std::span<std::int64_t> times) const;

  private:
    Blob blob_;
    format::Header header_{};
    const std::uint64_t* high_ = nullptr;
    std::vector<ColumnView> columns_;

    friend class Decoder;
};

}  // namespace events::segments
