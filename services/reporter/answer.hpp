#pragma once

#include "reporter/parse_query.hpp"
#include "reporter/query.hpp"

#include <span>
#include <string>
#include <vector>

namespace events::reporter {

/// A row as PostgreSQL writes it; the columns are those of build_sql.
using Row = std::vector<std::string>;

/// The report's JSON, e.g. {"count":3}. Money has exactly the stored cents. Pure.
/// Errors  std::invalid_argument or std::out_of_range when the row is not one of build_sql.
[[nodiscard]] std::string to_json(Category category, const Row& row);

/// One sentence for a problem's `detail`, e.g. "These parameters can not be used: from, colour."
[[nodiscard]] std::string describe(std::span<const BadParameter> bad);

/// The `"errors":[...]` member of a problem; bad UTF-8 is replaced.
[[nodiscard]] std::string errors_member(std::span<const BadParameter> bad);

}  // namespace events::reporter
