#pragma once

#include "common/events/event.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace events::postgres {

/// Builds the rows of a `COPY table (columns) FROM STDIN (FORMAT binary)`: for each row
/// begin_row(), then one value for each column, in the statement's order.
///
/// The server takes a value as its column's type without a conversion, so the C++ type decides:
/// std::string_view is for text, std::int16_t for smallint, std::int64_t for bigint, Timestamp for
/// timestamptz. A value of another length is refused (22P03), as is text that is no UTF-8 or holds
/// a NUL (22021).
///
/// Keeps its memory over clear(). Single-threaded.
class CopyRows {
  public:
    /// `columns`: how many values a row has.
    explicit CopyRows(std::size_t columns);

    void begin_row();
    void add(std::string_view text);
    void add(std::int16_t number);
    void add(std::int64_t number);
    void add(Timestamp time);
    /// For numeric: a decimal text of digits and at most one point, with a digit before it.
    void add_numeric(std::string_view decimal);
    void add(std::nullopt_t null);

    template <typename T>
    void add(const std::optional<T>& value) {
        if (value) {
            add(*value);
        } else {
            add(std::nullopt);
        }
    }

    /// Calls `visit` with the bytes of each value that was added: of texts, the text.
    template <typename Visit>
    void for_each_value(Visit&& visit) const {
        for (std::size_t at = 0; at < size_;) at = visit_row(at, visit);
    }

    void clear() noexcept;
    [[nodiscard]] std::size_t rows() const noexcept { return begins_.size(); }
    /// The bytes of `count` rows from the row `first` on, which go between kHeader and kTrailer.
    /// The view holds until the next row.
    [[nodiscard]] std::string_view data(std::size_t first, std::size_t count) const noexcept;

    static constexpr std::string_view kHeader{
        "PGCOPY\n\377\r\n\0"  // signature
        "\0\0\0\0"            // flags
        "\0\0\0\0",           // length of the header's extension
        19};
    static constexpr std::string_view kTrailer{"\377\377"};

  private:
    [[nodiscard]] std::int32_t length_at(std::size_t place) const noexcept;

    /// Returns the next row's place.
    template <typename Visit>
    std::size_t visit_row(std::size_t at, Visit&& visit) const {
        at += sizeof(std::int16_t);  // the number of columns
        for (std::size_t column = 0; column < columns_; ++column) {
            const auto length = length_at(at);
            at += sizeof length;
            if (length < 0) continue;  // null
            visit(std::string_view{buffer_}.substr(at, static_cast<std::size_t>(length)));
            at += static_cast<std::size_t>(length);
        }
        return at;
    }

    void append(std::string_view bytes);
    template <typename Integer>
    void append(Integer number);

    std::size_t columns_;
    std::vector<std::size_t> begins_;  ///< of the rows
    std::string buffer_;               ///< all of it is memory to write to; only it grows
    std::size_t size_ = 0;             ///< what of it is written
};

}  // namespace events::postgres
