#pragma once

#include "common/segments/encode.hpp"
#include "common/segments/ids.hpp"
#include "common/segments/record.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace events::segments {

/// Rows on their way into a segment, column by column.
struct Rows {
    /// A column's values; one of the two is filled.
    struct Values {
        std::vector<std::uint32_t> ids;     ///< text: in the column's TextIds, 0 for null
        std::vector<std::int64_t> numbers;  ///< format::kNull for null
    };

    explicit Rows(Source of) : source{of}, columns(columns_of(of).size()) {}

    Source source;
    std::vector<UserKey> users;
    std::vector<std::int64_t> times;  ///< microseconds since 1970
    std::vector<std::int8_t> signs;   ///< +1 or -1; 0 leaves a row out
    std::vector<Values> columns;      ///< as columns_of(source)

    [[nodiscard]] std::size_t size() const noexcept { return users.size(); }
    void clear();
    void append(const Rows& from, std::span<const std::uint32_t> order);
};

/// Of each of columns_of(source); those of numbers stay empty.
using Texts = std::vector<TextIds>;

[[nodiscard]] Texts make_texts(Source source, const Seed& seed);

/// The rows in a segment's order, without those that cancel each other. It depends on what the
/// rows say alone: neither on their order nor on the numbers of their texts.
[[nodiscard]] std::vector<std::uint32_t> sorted(const Rows& rows, const Texts& texts);

/// The shares of the spans that have rows, see encode().
[[nodiscard]] std::vector<Share> shares_of(const Rows& rows, const Texts& texts,
                                           std::span<const std::int64_t> spans);

/// Writes rows that are in a segment's order; at least one. Errors as encode().
[[nodiscard]] NewSegment write_segment(const Rows& rows, const Texts& texts,
                                       std::span<const std::int64_t> spans = {});

}  // namespace events::segments
