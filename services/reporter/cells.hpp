#pragma once

#include "reporter/query.hpp"
#include "reporter/sql.hpp"
#include "reporter/time_slices.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace events::reporter {

/// What the `time` of a cell made of rows is: nothing, their minute, or their exact time.
enum class RowTime : std::uint8_t { none, minute, exact };

/// From the coarsest to the finest that sums, and sums by campaign, are kept for.
inline constexpr std::array kGrains{Grain::day, Grain::hour, Grain::minute, Grain::row};
inline constexpr std::array kCampaignGrains{Grain::day, Grain::row};

struct CellsOptions {
    Range range;
    std::span<const Grain> grains;  ///< of cut(); campaigns are only kept by day
    RowTime row_time = RowTime::none;
    /// Only these campaigns, and what has none.
    const std::vector<std::string>* campaigns = nullptr;
};

/// Whether a query needs figures by campaign, which are kept apart.
[[nodiscard]] bool asks_for_campaigns(const Query& query);

/// The part of an event or revenue report that lies in a range, as a table expression of
///
///     source, event_type, campaign_id (null unless asked for), time (a bucket's start), n, revenue
///
/// n is the number of events, or of transactions in a revenue report. There are many cells of the
/// same keys; their sums are the rows' exact sums (0002_rollups.sql). Pure.
[[nodiscard]] std::string cells_sql(const Query& query, const CellsOptions& options, Sql& sql);

}  // namespace events::reporter
