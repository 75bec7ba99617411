#pragma once

#include "common/events/event.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace events::reporter {

/// What a stored row holds, as far as reports look at it.
struct StoredEvent {
    const EventType* type = nullptr;
    std::string id{};
    Timestamp at{};
    std::string user{};
    std::optional<std::int64_t> age{};
    std::optional<std::string> gender{};
    std::optional<std::string> country{};
    std::optional<std::string> city{};
    std::optional<std::int64_t> followers{};
    std::optional<std::string> device{};
    std::optional<std::string> campaign{};
    std::optional<std::int64_t> cents{};
};

/// The days that random events and times fall on, and their partitions cover.
inline constexpr std::chrono::sys_days kFirstDay{std::chrono::year{2026} / 3 / 1};
inline constexpr std::chrono::days kDays{3};

/// Random rows of both tables, the same for the same seed. Few users and values, so that filters
/// find some; the two sources share user ids. Nulls stand where the contract has them.
[[nodiscard]] std::vector<StoredEvent> random_events(unsigned seed, std::size_t count);

/// Applies the migrations.
void migrate_database(const std::string& url);

/// Applies the migrations and makes one partition of kDays, for store().
void prepare_database(const std::string& url);

/// Applies the migrations and makes a built partition of each of kDays.
void prepare_days(const std::string& url);

/// The rows that a reader sees, of both tables.
[[nodiscard]] std::vector<StoredEvent> read_events(const std::string& url);

/// Stores the rows with plain SQL.
void store(const std::string& url, const std::vector<StoredEvent>& events);

}  // namespace events::reporter
