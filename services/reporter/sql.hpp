#pragma once

#include "reporter/query.hpp"

#include <string>
#include <vector>

namespace events::reporter {

/// A statement and the texts of its parameters, $1 first.
struct Sql {
    std::string text;
    std::vector<std::string> parameters;
};

/// The statement that answers a query with one row:
///
///     SELECT <figures> FROM (<rows of facebook_events> UNION ALL <rows of tiktok_events>) AS found
///
/// events         count
/// revenue        sum of the amounts (numeric), number of them
/// demographics   count of the distinct users
///
/// Every value is a parameter; names of tables and columns come from constants. Keys to group by
/// belong into each source's rows and into the outer SELECT. Pure.
[[nodiscard]] Sql build_sql(const Query& query);

}  // namespace events::reporter
