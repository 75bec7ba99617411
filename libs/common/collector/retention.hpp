#pragma once

#include "common/clock/comparison.hpp"
#include "common/events/event.hpp"
#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "common/postgres/connection.hpp"
#include "common/postgres/segment_store.hpp"
#include "common/retention/retention_days.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace events::collector {

struct RetentionOptions {
    retention::Days days{};
    std::uint64_t disk_bytes = 0;  ///< of the database's volume; 0: nobody said
    /// How long after midnight a day is dropped of which nothing is stored from midnight on: longer
    /// than a batch takes, and than the collectors' clocks differ.
    std::chrono::seconds grace{600};
    std::chrono::milliseconds drop_every{30'000};  ///< what was in use, or attached meanwhile
    std::chrono::milliseconds measure_every{60'000};
};

/// Drops what of a source is older than what is kept (docs/retention.md): moves `retained_from` on
/// once a day, where there are days, and drops the partitions before it, whoever moved it. A
/// partition that is in use is left alone after a fifth of a second, and tried again; what can't be
/// dropped is told once a day. Any number of processes may do it at once.
///
/// The day that it is takes two clocks: the database's and ours, the earlier one. So a clock that
/// is wrong drops nothing too early.
///
/// Single-threaded, but for first_kept().
class Retention {
  public:
    /// `database_clock` outlives this; null: ours is enough.
    Retention(Source source, RetentionOptions options, const clock::Comparison* database_clock,
              logging::Logger log, metrics::Registry& metrics);

    /// The first instant that is stored; nothing: any is. Thread-safe.
    [[nodiscard]] std::optional<Timestamp> first_kept() const;

    /// Does what is due. Does not throw: a failure is logged, and the next round tries again.
    void round(postgres::Connection& connection, const std::stop_token& stop);

  private:
    using SteadyClock = std::chrono::steady_clock;

    /// A partition that begins before what is kept.
    struct Partition {
        postgres::Oid oid = 0;
        std::string name;
        std::string from;  ///< its bounds, for the log
        std::string until;
        bool is_over = false;
        bool is_plain = false;
    };

    static Partition read_partition(const pqxx::row& row);
    void look(postgres::Connection& connection);
    void advance(postgres::Connection& connection, Timestamp first);
    void drop_all(postgres::Connection& connection, const std::stop_token& stop);
    void drop(postgres::Connection& connection, const Partition& partition);
    void look_at_rest(postgres::Connection& connection, const Partition& partition);
    void measure(postgres::Connection& connection);
    /// Whether it was not told for a day.
    bool is_news(postgres::Oid partition);

    Source source_;
    RetentionOptions options_;
    const clock::Comparison* database_clock_;
    logging::Logger log_;
    metrics::Registry& metrics_;
    metrics::Labels labels_;
    metrics::Counter& dropped_;
    metrics::Gauge& overdue_;
    std::atomic<Timestamp> retained_from_{Timestamp::min()};  ///< min: there is no row
    std::optional<Timestamp> dropped_to_;                     ///< that moved since
    std::string problem_;                                     ///< of the last round
    SteadyClock::time_point drop_after_{};
    SteadyClock::time_point measure_after_{};
    std::map<postgres::Oid, SteadyClock::time_point> told_;
};

}  // namespace events::collector
