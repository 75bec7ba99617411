#include "common/postgres/day_partitions.hpp"

#include <fmt/format.h>

namespace events::postgres {
namespace {

constexpr auto kObjectInUse = "55006";
constexpr auto kCheckViolation = "23514";

/// $1 is the parent, $2 and $3 a range of time: the parts of it that no attached partition covers,
/// and whether one that is being detached reaches into it. Bounds are text in the catalogue, in the
/// session's time zone, which is UTC.
constexpr auto kFindMissing = R"(
WITH partitions AS (
    SELECT inhdetachpending AS leaving, tstzrange(bound[1]::timestamptz, bound[2]::timestamptz) AS span
    FROM pg_inherits
    JOIN pg_class ON pg_class.oid = inhrelid
    CROSS JOIN LATERAL (SELECT regexp_match(
        pg_get_expr(relpartbound, inhrelid),
        $$FROM \((?:'([^']*)'|MINVALUE)\) TO \((?:'([^']*)'|MAXVALUE)\)$$)) AS bounds (bound)
    WHERE inhparent = $1::regclass AND bound IS NOT NULL
), touching AS (
    SELECT * FROM partitions WHERE span && tstzrange($2::timestamptz, $3::timestamptz)
)
SELECT lower(missing), upper(missing), (SELECT coalesce(bool_or(leaving), false) FROM touching)
FROM (SELECT unnest(tstzmultirange(tstzrange($2::timestamptz, $3::timestamptz))
                    - coalesce((SELECT range_agg(span) FROM touching WHERE NOT leaving), '{}')))
     AS gaps (missing))";

/// $1 is the parent, $2 a name: the first of $2, $2_2, $2_3 ... that nothing in the parent's schema
/// has.
constexpr auto kFindFreeName = R"(
SELECT name
FROM pg_class AS parent
JOIN pg_namespace AS schema ON schema.oid = parent.relnamespace
CROSS JOIN generate_series(1, 10000) AS attempt
CROSS JOIN LATERAL (SELECT $2 || CASE attempt WHEN 1 THEN '' ELSE '_' || attempt END) AS names (name)
WHERE parent.oid = $1::regclass
  AND NOT EXISTS (SELECT FROM pg_class WHERE relname = name AND relnamespace = schema.oid)
  AND NOT EXISTS (SELECT FROM pg_type WHERE typname = name AND typnamespace = schema.oid)
ORDER BY attempt LIMIT 1)";

constexpr auto kHasDefault =
    "SELECT partdefid <> 0 FROM pg_partitioned_table WHERE partrelid = $1::regclass";

std::string format_day(std::chrono::sys_days day, std::string_view separator) {
    const std::chrono::year_month_day date{day};
    return fmt::format("{:04}{}{:02}{}{:02}", static_cast<int>(date.year()), separator,
                       static_cast<unsigned>(date.month()), separator,
                       static_cast<unsigned>(date.day()));
}

std::string midnight(std::chrono::sys_days day) {
    return format_day(day, "-") + " 00:00:00+00";
}

}  // namespace

void DayPartitions::ensure(Connection& connection, std::span<const std::chrono::sys_days> days) {
    for (const auto day : days) {
        if (day < kFirstDay || known_.contains(day)) continue;
        // One transaction a day: a thousand new tables in one would exhaust the lock table.
        make(connection, day);
        known_.insert(day);
    }
}

void DayPartitions::make(Connection& connection, std::chrono::sys_days day) const {
    const auto name = fmt::format("{}_p{}", table_, format_day(day, ""));
    try {
        connection.transact([&](pqxx::work& work) {
            work.exec_params("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
                             "day partitions of " + table_);
            make_missing(work, midnight(day), midnight(day + std::chrono::days{1}), name);
        });
    } catch (const Refused& refused) {
        // Rows of the day that an operator's default partition holds keep it from having one of its
        // own; what comes goes there, too.
        const bool has_default = connection.transact(
            [&](pqxx::work& work) { return work.exec_params1(kHasDefault, table_)[0].as<bool>(); });
        if (!has_default || refused.error().sqlstate != kCheckViolation) throw;
    }
}

void DayPartitions::make_missing(pqxx::work& work, const std::string& day,
                                 const std::string& next_day, const std::string& name) const {
    for (const auto& gap : work.exec_params(kFindMissing, table_, day, next_day)) {
        // DETACH ... CONCURRENTLY takes no rows any more, and stands in the way of a new one.
        if (gap[2].as<bool>()) {
            const ServerError error{.sqlstate = kObjectInUse,
                                    .message = "a partition of the day is being detached",
                                    .table = name};
            throw Refused{describe(error), error};
        }
        const auto partition = work.exec_params1(kFindFreeName, table_, name)[0].as<std::string>();
        work.exec_params("SELECT add_day_partition($1::regclass, $2, $3, $4)", table_, partition,
                         gap[0].as<std::string>(), gap[1].as<std::string>());
    }
}

}  // namespace events::postgres
