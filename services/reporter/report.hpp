#pragma once

#include "common/segments/question.hpp"
#include "reporter/query.hpp"

#include <optional>
#include <string>
#include <vector>

namespace events::reporter {

/// What a query asked for.
struct Report {
    Category category;
    std::vector<Key> keys{};  ///< of the answer's groups; empty: not grouped
    segments::Answer answer{};
    /// Of the answer's series, where there is one: RFC 3339, ascending, each a bucket's start.
    std::optional<std::vector<std::string>> times{};
    /// RFC 3339: what is older is not kept, and the query's range begins before it; else empty.
    std::string kept_from{};
    /// The first bucket of a series that is too long to begin with its first event; else empty.
    std::string series_from{};
};

}  // namespace events::reporter
