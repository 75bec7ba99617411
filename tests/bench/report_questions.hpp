#pragma once

#include "common/events/event.hpp"

#include <string>
#include <vector>

namespace events::bench {

/// A report, and its question to the rows.
struct Question {
    std::string name;
    std::string target;   ///< behind /reports/
    std::string on_rows;  ///< SQL; its first value is the report's figure, unless it has groups
};

/// Reports of every kind on both sources' events that end there: totals, crossed filters, groups,
/// series, distinct users, and ranges that begin and end within a minute.
[[nodiscard]] std::vector<Question> questions(Timestamp end);

/// Each category over the part of a busy time that cuts its first and last minute.
[[nodiscard]] std::vector<Question> questions_between(Timestamp from, Timestamp to);

/// The figure of an answer without groups and series, as the reporter wrote it: the count, the
/// revenue, or the number of users. Throws std::runtime_error where there is none.
[[nodiscard]] std::string figure_of(const std::string& answer);

}  // namespace events::bench
