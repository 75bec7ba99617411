#pragma once

#include "common/collector/event_store.hpp"
#include "common/postgres/connection.hpp"
#include "support/postgres_cluster.hpp"

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace events::test {

/// Some instant of an ordinary day.
inline constexpr Timestamp kNoon =
    std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + std::chrono::hours{12};

/// A new database with our tables; its URL.
[[nodiscard]] std::string make_events_database(PostgresCluster& cluster = postgres_cluster());

[[nodiscard]] postgres::Options options_for(const std::string& url);

/// An event of each shape, with hostile texts and extreme numbers. The `id` must outlive it.
[[nodiscard]] collector::StorableEvent facebook_view(std::string_view id, Timestamp time);
[[nodiscard]] collector::StorableEvent facebook_checkout(std::string_view id, Timestamp time);
[[nodiscard]] collector::StorableEvent tiktok_like(std::string_view id, Timestamp time);
[[nodiscard]] collector::StorableEvent tiktok_purchase(std::string_view id, Timestamp time);

/// Makes events that differ in everything that segments know of them. They live as long as it.
class EventMaker {
  public:
    [[nodiscard]] collector::StorableEvent facebook(std::string_view id, Timestamp time);
    [[nodiscard]] collector::StorableEvent tiktok(std::string_view id, Timestamp time);
    /// With ids of its own, which begin with `prefix`, each a minute and a microsecond later than
    /// the one before.
    [[nodiscard]] std::vector<collector::StorableEvent> many(Source source, std::string_view prefix,
                                                             int count, Timestamp first);

  private:
    /// One of `different` texts, in turns.
    std::string_view one_of(std::string_view prefix, unsigned different);
    /// A text, or null now and then.
    Value amount(std::string_view cents);

    std::deque<std::string> texts_;
    unsigned made_ = 0;
};

}  // namespace events::test
