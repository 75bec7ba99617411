#include "common/collector/retention.hpp"

#include "common/events/time.hpp"
#include "common/postgres/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace events::collector {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

/// Everybody who comes to use a table waits behind a lock that waits.
constexpr auto kLockTimeout = "SET LOCAL lock_timeout = '200ms'";
constexpr auto kTellAgain = 24h;

/// $1 is the source. The partition of the far past is always there, so it goes only with events.
constexpr auto kFindOld = R"(
SELECT partition, partition::regclass::text, is_plain, until <= retained_from.first,
       to_char(attached.first AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
       to_char(until AT TIME ZONE 'UTC', 'YYYY-MM-DD')
FROM attached_partitions AS attached JOIN retained_from USING (source)
WHERE source = $1 AND attached.first < retained_from.first
  AND (until > '2004-01-01 00:00:00+00' OR pg_relation_size(partition) > 0)
ORDER BY until, attached.first)";

/// $1 is the source. The oldest day is that of a partition that has a beginning.
constexpr auto kMeasure = R"(
SELECT extract(epoch FROM min(first) FILTER (WHERE first >= '2004-01-01 00:00:00+00')),
       coalesce(sum(pg_total_relation_size(partition)), 0)
       + (SELECT coalesce(sum(bytes), 0) FROM segments WHERE source = $1),
       pg_database_size(current_database())
FROM attached_partitions WHERE source = $1)";

Timestamp time_of(const pqxx::field& field) {
    return Timestamp{microseconds{field.as<std::int64_t>()}};
}

std::string text_of(const pqxx::field& field) {
    return field.is_null() ? std::string{} : field.as<std::string>();
}

}  // namespace

Retention::Retention(Source source, RetentionOptions options,
                     const clock::Comparison* database_clock, logging::Logger log,
                     metrics::Registry& metrics)
    : source_{source},
      options_{options},
      database_clock_{database_clock},
      log_{std::move(log)},
      metrics_{metrics},
      labels_{{"source", std::string{source.name()}}},
      dropped_{metrics.counter("dropped_partitions_total",
                               "Partitions that were dropped since they are older than what is "
                               "kept.",
                               labels_)},
      overdue_{metrics.gauge("overdue_partitions",
                             "Partitions that are older than what is kept, and still there.",
                             labels_)} {
    metrics.gauge("retained_days", "Days before today that are kept (RETENTION_DAYS).", labels_)
        .Set(options_.days ? static_cast<double>(options_.days->count())
                           : std::numeric_limits<double>::infinity());
    metrics
        .gauge("database_disk_bytes",
               "Bytes that the database may have (DATABASE_DISK_BYTES); 0: "
               "nobody said.")
        .Set(static_cast<double>(options_.disk_bytes));
}

std::optional<Timestamp> Retention::first_kept() const {
    const auto theirs = database_clock_ == nullptr ? clock::now() : database_clock_->their_time();
    const auto by_clock = retention::first_kept(std::min(clock::now(), theirs), options_.days);
    const auto by_database = retained_from_.load();
    if (by_clock) return std::max(*by_clock, by_database);
    if (by_database == Timestamp::min()) return std::nullopt;
    return by_database;
}

void Retention::round(postgres::Connection& connection, const std::stop_token& stop) {
    try {
        const auto now = SteadyClock::now();
        look(connection);
        if (dropped_to_ != retained_from_.load() || now >= drop_after_) {
            drop_after_ = now + options_.drop_every;
            dropped_to_ = retained_from_.load();
            drop_all(connection, stop);
        }
        if (now >= measure_after_ && !stop.stop_requested()) {
            measure_after_ = now + options_.measure_every;
            measure(connection);
        }
        problem_.clear();
    } catch (const std::exception& error) {
        if (stop.stop_requested() || problem_ == error.what()) return;  // cancelled, or told
        problem_ = error.what();
        log_.warn("old days are not dropped now", {{"err", problem_}});
    }
}

Retention::Partition Retention::read_partition(const pqxx::row& row) {
    return {.oid = row[0].as<postgres::Oid>(),
            .name = row[1].as<std::string>(),
            .from = text_of(row[4]),
            .until = text_of(row[5]),
            .is_over = row[3].as<bool>(),
            .is_plain = row[2].as<bool>()};
}

void Retention::look(postgres::Connection& connection) {
    const auto [database_time, retained] = connection.read([&](pqxx::transaction_base& work) {
        const auto row = work.exec_params1(
            "SELECT (extract(epoch FROM now()) * 1000000)::bigint, "
            "(SELECT extract(epoch FROM first) * 1000000 FROM retained_from "
            "WHERE source = $1)::bigint",
            std::string{source_.name()});
        return std::pair{time_of(row[0]), row[1].is_null() ? Timestamp::min() : time_of(row[1])};
    });
    retained_from_ = retained;
    const auto now = std::min(clock::now(), database_time) - options_.grace;
    const auto wanted = retention::first_kept(now, options_.days);
    if (wanted && *wanted > retained) advance(connection, *wanted);
}

void Retention::advance(postgres::Connection& connection, Timestamp first) {
    const auto day = format_timestamp(first).substr(0, 10);
    retained_from_ = connection.transact([&](pqxx::work& work) {
        return time_of(work.exec_params1(
            "SELECT (extract(epoch FROM retain_from($1, $2::date)) * 1000000)::bigint",
            std::string{source_.name()}, day)[0]);
    });
    log_.info("events are kept from this day on", {{"day", day}});
}

void Retention::drop_all(postgres::Connection& connection, const std::stop_token& stop) {
    const auto rows = connection.read([&](pqxx::transaction_base& work) {
        return work.exec_params(kFindOld, std::string{source_.name()});
    });
    int overdue = 0;
    for (const auto& row : rows) {
        if (stop.stop_requested()) return;
        const auto partition = read_partition(row);
        try {
            if (partition.is_over && partition.is_plain) {
                drop(connection, partition);
                continue;
            }
            look_at_rest(connection, partition);
        } catch (const std::exception& error) {
            if (stop.stop_requested()) return;
            if (is_news(partition.oid)) {
                log_.warn(
                    "a partition that is older than what is kept can't be dropped: it is tried "
                    "again, and this is told once a day",
                    {{"partition", partition.name}, {"err", error.what()}});
            }
        }
        if (partition.is_over) ++overdue;
    }
    overdue_.Set(overdue);
}

void Retention::drop(postgres::Connection& connection, const Partition& partition) {
    const auto lock =
        fmt::format("events-handler retention {} {}", connection.options().schema, source_.name());
    const auto dropped = connection.transact([&](pqxx::work& work) {
        work.exec0(kLockTimeout);
        const auto is_free =
            work.exec_params1("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", lock)[0];
        if (!is_free.as<bool>()) return pqxx::result{};
        return work.exec_params("SELECT events, bytes FROM drop_partition($1, $2)",
                                std::string{source_.name()}, partition.oid);
    });
    if (dropped.empty() || dropped[0][0].is_null()) return;  // somebody else was quicker
    dropped_.Increment();
    told_.erase(partition.oid);
    log_.info("a partition is dropped: it is older than what is kept",
              {{"partition", partition.name},
               {"from", partition.from},
               {"until", partition.until},
               {"rows", dropped[0][0].as<std::int64_t>()},
               {"bytes", dropped[0][1].as<std::int64_t>()}});
}

/// What is kept although it is older.
void Retention::look_at_rest(postgres::Connection& connection, const Partition& partition) {
    const auto has_old = connection.read([&](pqxx::transaction_base& work) {
        work.exec0(kLockTimeout);
        const auto sql = fmt::format(
            "SELECT EXISTS (SELECT FROM {} WHERE occurred_at < (SELECT first FROM retained_from "
            "WHERE source = $1))",
            partition.name);
        return work.exec_params1(sql, std::string{source_.name()})[0].as<bool>();
    });
    if (!has_old || !is_news(partition.oid)) return;
    log_.warn(
        partition.is_over ? "a partition that is older than what is kept is not a plain table: "
                            "its owner has to drop it"
                          : "a partition has events that are older than what is kept: it is "
                            "dropped when all of its time is over",
        {{"partition", partition.name}, {"from", partition.from}, {"until", partition.until}});
}

void Retention::measure(postgres::Connection& connection) {
    const auto rows = connection.read([&](pqxx::transaction_base& work) {
        work.exec0(kLockTimeout);
        return work.exec_params(kMeasure, std::string{source_.name()});
    });
    const auto& row = rows[0];
    if (!row[0].is_null()) {
        metrics_
            .gauge("oldest_day_timestamp_seconds",
                   "When the oldest partition begins; without the one of all days before 2004.",
                   labels_)
            .Set(row[0].as<double>());
    }
    metrics_.gauge("stored_bytes", "Bytes of a source's rows, indexes and segments.", labels_)
        .Set(row[1].as<double>());
    metrics_.gauge("database_bytes", "Bytes of the whole database, without its WAL.")
        .Set(row[2].as<double>());
}

bool Retention::is_news(postgres::Oid partition) {
    const auto now = SteadyClock::now();
    std::erase_if(told_, [&](const auto& entry) { return now - entry.second > kTellAgain; });
    return told_.emplace(partition, now).second;
}

}  // namespace events::collector
