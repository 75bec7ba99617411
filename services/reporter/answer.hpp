#pragma once

#include "reporter/query.hpp"
#include "reporter/report.hpp"

#include <span>
#include <string>

namespace events::reporter {

/// The report's JSON, e.g. {"count":3,"groups":[{"source":"tiktok","count":3}],"truncated":false}.
/// Money has exactly the stored cents. "from" follows the figures where older events are not kept,
/// "seriesFrom" the series where that leaves older events out. Pure.
[[nodiscard]] std::string to_json(const Report& report);

/// The groups, or the series, or else the figures alone, as RFC 4180: a header line, then a line
/// for each; columns are time, keys, figures. With groups and series, a line for each time of each
/// group. Nothing (a null) is an empty field, the empty text is "". A text that a spreadsheet would
/// run as a formula begins with an apostrophe. Pure.
[[nodiscard]] std::string to_csv(const Report& report);

/// One sentence for a problem's `detail`, e.g. "These parameters can not be used: from, colour."
[[nodiscard]] std::string describe(std::span<const BadParameter> bad);

/// The `"errors":[...]` member of a problem; bad UTF-8 is replaced.
[[nodiscard]] std::string errors_member(std::span<const BadParameter> bad);

}  // namespace events::reporter
