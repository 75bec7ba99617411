#pragma once

#include "filter.hpp"
#include "reporter/query.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace events::reporter {

/// How a report's figures are given apart, beside its filter.
struct Grouping {
    std::vector<Key> keys{};
    std::size_t limit = 100;
    std::optional<std::chrono::seconds> interval{};  ///< a minute, an hour or a day, in UTC

    /// "&groupBy=...&limit=...&interval=..."
    [[nodiscard]] std::string query() const;
};

/// The answer that a report must give, text for text, counted row by row: nothing here is the
/// reporter's code, but for the names of keys.
[[nodiscard]] std::string recount(Category report, const std::vector<StoredEvent>& rows,
                                  const AskedFilter& filter, const Grouping& grouping);

}  // namespace events::reporter
