#pragma once

#include "stored_events.hpp"

#include <optional>
#include <random>
#include <string>

namespace events::reporter {

/// The parameters of a report, and what they mean, written a second time: nothing here is the
/// reporter's code.
struct AskedFilter {
    std::optional<std::int64_t> from{};  ///< epoch milliseconds
    std::optional<std::int64_t> to{};
    std::optional<Timestamp> exact_from{};  ///< RFC 3339, to the microsecond
    std::optional<Timestamp> exact_to{};
    std::optional<Source> source{};
    std::optional<FunnelStage> stage{};
    std::optional<std::string> type{};
    std::optional<std::string> campaign{};
    std::optional<std::int64_t> age{}, age_min{}, age_max{};
    std::optional<std::int64_t> followers{}, followers_min{}, followers_max{};
    std::optional<std::string> gender{}, country{}, city{}, device{};

    /// "from=...&source=...", percent-encoded.
    [[nodiscard]] std::string query() const;
    [[nodiscard]] bool matches(const StoredEvent& event) const;
};

/// Cents as JSON has them in an answer: "12.05".
[[nodiscard]] std::string money(std::int64_t cents);

/// What the reports must answer, counted row by row.
[[nodiscard]] std::string expected_events(const std::vector<StoredEvent>& rows,
                                          const AskedFilter& filter);
[[nodiscard]] std::string expected_revenue(const std::vector<StoredEvent>& rows,
                                           const AskedFilter& filter);
[[nodiscard]] std::string expected_demographics(const std::vector<StoredEvent>& rows,
                                                const AskedFilter& filter);

}  // namespace events::reporter
