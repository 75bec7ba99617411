#pragma once

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace events::test {

/// The files of deploy/grafana/dashboards, by name without ".json".
[[nodiscard]] std::map<std::string, nlohmann::json> read_dashboards();

/// The provisioned data sources: their types by uid.
[[nodiscard]] std::map<std::string, std::string> read_data_sources();

/// One query of a panel.
struct PanelQuery {
    std::string where;   ///< "overview: Gateway A", for messages
    std::string kind;    ///< of the panel, e.g. "stat"
    std::string source;  ///< the uid of its data source
    std::string text;    ///< PromQL or SQL, with Grafana's variables in it
    std::string format;  ///< of SQL: "table" or "time_series"
};

/// Every query of every dashboard.
[[nodiscard]] std::vector<PanelQuery> panel_queries();

/// Puts into PromQL what Grafana would: $__rate_interval, $__range, $__interval, and of the
/// dashboards' variable $source its value for all of them.
[[nodiscard]] std::string with_intervals(std::string promql, std::string_view rate_interval,
                                         std::string_view range);

/// Puts into SQL what Grafana's data source would: $__interval, all of $source, and the macros
/// $__timeFilter, $__timeFrom, $__timeTo and $__timeGroupAlias, for the last `hours`.
[[nodiscard]] std::string with_last_hours(std::string sql, int hours);

}  // namespace events::test
