#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace events {

/// What reports filter and group by, beside source, funnel stage and event type. A source's field
/// feeds the dimension whose column its own column is named like.
///
/// A new one is a row here, and a column of the table event_changes.
struct Dimension {
    enum class Kind : std::uint8_t { text, number };

    std::uint16_t number;     ///< of its column in segments: one is never used again
    std::string_view name;    ///< in requests and answers
    std::string_view column;  ///< in the tables of events and in event_changes
    Kind kind;
};

/// Texts first, ascending by number.
inline constexpr std::array kDimensions{
    Dimension{18, "campaignId", "campaign_id", Dimension::Kind::text},
    Dimension{19, "country", "country", Dimension::Kind::text},
    Dimension{20, "city", "city", Dimension::Kind::text},
    Dimension{21, "gender", "gender", Dimension::Kind::text},
    Dimension{22, "device", "device", Dimension::Kind::text},
    Dimension{48, "age", "age", Dimension::Kind::number},
    Dimension{49, "followers", "followers", Dimension::Kind::number},
};

/// Null where no dimension has that column.
[[nodiscard]] constexpr const Dimension* find_dimension(std::string_view column) noexcept {
    for (const auto& dimension : kDimensions) {
        if (dimension.column == column) return &dimension;
    }
    return nullptr;
}

}  // namespace events
