#include "common/postgres/partition_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace events::postgres {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::sys_days;
using Days = std::span<const sys_days>;
using Attached = PartitionMap::Attached;

/// How long a day that is not all in direct partitions counts as such.
constexpr auto kLookAgain = 1min;

constexpr auto kObjectInUse = "55006";
constexpr auto kCheckViolation = "23514";

/// $1 is the source, $2 and $3 a range of time. Of the attached partitions that reach into it: the
/// oid, the bounds in microseconds since 1970, and the name of those that rows can be copied into.
/// A policy of the parent does not hold for its partitions' names, nor do its triggers for each
/// statement; `added` is ours, which leaves collectors alone.
constexpr auto kRead = R"(
SELECT partition,
       least(greatest(extract(epoch FROM first) * 1000000, -9223372036854775808),
             9223372036854775807)::bigint,
       least(greatest(extract(epoch FROM until) * 1000000, -9223372036854775808),
             9223372036854775807)::bigint,
       CASE WHEN is_plain AND has_table_privilege(partition, 'INSERT')
                 AND NOT row_security_active(parent) AND NOT row_security_active(partition)
                 AND NOT EXISTS (SELECT FROM pg_trigger
                                 WHERE tgrelid = parent AND tgname <> 'added' AND NOT tgisinternal
                                   AND tgenabled <> 'D'
                                   AND tgtype & 1 = 0 AND tgtype & 4 <> 0)  -- statement, INSERT
            THEN format('%I.%I', nspname, name) END
FROM attached_partitions
JOIN pg_class ON pg_class.oid = partition
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE source = $1 AND NOT is_default AND first < $3::timestamptz AND until > $2::timestamptz
ORDER BY first)";

/// The same parameters: the parts of the range that no attached partition covers, and whether one
/// that is being detached reaches into it.
constexpr auto kFindMissing = R"(
WITH touching AS (SELECT * FROM partitions
                  WHERE source = $1 AND NOT is_default AND first < $3::timestamptz
                    AND until > $2::timestamptz)
SELECT lower(missing), upper(missing),
       EXISTS (SELECT FROM touching WHERE is_leaving)
FROM (SELECT unnest(tstzmultirange(tstzrange($2::timestamptz, $3::timestamptz))
                    - coalesce(range_agg(tstzrange(first, until)) FILTER (WHERE NOT is_leaving),
                               '{}'))
      FROM touching) AS gaps (missing))";

/// $1 is the parent, $2 a name: the first of $2, $2_2, $2_3 ... that nothing in the parent's schema
/// has.
constexpr auto kFindFreeName = R"(
SELECT name
FROM pg_class AS parent
CROSS JOIN generate_series(1, 10000) AS attempt
CROSS JOIN LATERAL (SELECT $2 || CASE attempt WHEN 1 THEN '' ELSE '_' || attempt END) AS names (name)
WHERE parent.oid = $1::regclass
  AND NOT EXISTS (SELECT FROM pg_class WHERE relname = name AND relnamespace = parent.relnamespace)
  AND NOT EXISTS (SELECT FROM pg_type WHERE typname = name AND typnamespace = parent.relnamespace)
ORDER BY attempt LIMIT 1)";

constexpr auto kHasDefault =
    "SELECT partdefid <> 0 FROM pg_partitioned_table WHERE partrelid = $1::regclass";

std::string table_of(Source source) {
    return std::string{source.table()};
}

std::string format_day(sys_days day, std::string_view separator) {
    const std::chrono::year_month_day date{day};
    return fmt::format("{:04}{}{:02}{}{:02}", static_cast<int>(date.year()), separator,
                       static_cast<unsigned>(date.month()), separator,
                       static_cast<unsigned>(date.day()));
}

std::string midnight(sys_days day) {
    return format_day(day, "-") + " 00:00:00+00";
}

Timestamp time_of(const pqxx::field& field) {
    return Timestamp{std::chrono::microseconds{field.as<std::int64_t>()}};
}

std::vector<Attached> read(Connection& connection, Source source, Days wanted) {
    const auto rows = connection.transact([&](pqxx::work& work) {
        return work.exec_params(
            kRead, std::string{source.name()},
            wanted.front() < PartitionMap::kFirstDay ? "-infinity" : midnight(wanted.front()),
            midnight(std::max(wanted.back() + days{1}, PartitionMap::kFirstDay)));
    });
    std::vector<Attached> partitions;
    for (const auto& row : rows) {
        partitions.push_back({.oid = row[0].as<std::uint32_t>(),
                              .table = row[3].is_null() ? "" : row[3].as<std::string>(),
                              .first = time_of(row[1]),
                              .until = time_of(row[2])});
    }
    return partitions;
}

/// `partitions` are sorted, and do not overlap.
template <typename Wanted>
bool is_covered(std::span<const Attached> partitions, sys_days day, Wanted wanted) {
    Timestamp covered = day;
    for (const auto& partition : partitions) {
        if (partition.first <= covered && wanted(partition)) {
            covered = std::max(covered, partition.until);
        }
    }
    return covered >= day + days{1};
}

}  // namespace

void PartitionMap::ensure(Connection& connection, Days wanted) {
    const auto missing = unknown(wanted);
    if (missing.empty()) return;
    auto partitions = read(connection, source_, missing);
    bool has_made = false;
    for (const auto day : missing) {
        const auto any = [](const Attached& /*partition*/) { return true; };
        if (day < kFirstDay || without_own_.contains(day) || is_covered(partitions, day, any)) {
            continue;
        }
        // One transaction a day: a thousand new tables in one would exhaust the lock table.
        if (!make(connection, day)) without_own_.insert(day);
        has_made = true;
    }
    if (has_made) partitions = read(connection, source_, missing);
    learn(partitions, missing);
}

const DirectPartition* PartitionMap::find(Timestamp time) const noexcept {
    const auto after = direct_.upper_bound(time);
    if (after == direct_.begin()) return nullptr;
    const auto& partition = std::prev(after)->second;
    return time < partition.until ? &partition : nullptr;
}

void PartitionMap::forget() noexcept {
    known_.clear();
    without_own_.clear();
    direct_.clear();
    indirect_since_.reset();
}

std::vector<sys_days> PartitionMap::unknown(Days wanted) {
    const auto now = std::chrono::steady_clock::now();
    if (indirect_since_ && now - *indirect_since_ > kLookAgain) {
        known_.clear();
        direct_.clear();
        indirect_since_.reset();
    }
    std::vector<sys_days> days;
    std::ranges::copy_if(wanted, std::back_inserter(days),
                         [&](auto day) { return !known_.contains(day); });
    return days;
}

/// False: a default partition has rows of the day, which keeps it from having one of its own; what
/// comes goes there, too.
bool PartitionMap::make(Connection& connection, sys_days day) const {
    try {
        connection.transact([&](pqxx::work& work) { make_missing(work, day); });
        return true;
    } catch (const Refused& refused) {
        const bool has_default = connection.transact([&](pqxx::work& work) {
            return work.exec_params1(kHasDefault, table_of(source_))[0].as<bool>();
        });
        if (!has_default || refused.error().sqlstate != kCheckViolation) throw;
        return false;
    }
}

void PartitionMap::make_missing(pqxx::work& work, sys_days day) const {
    const auto table = table_of(source_);
    const std::string source{source_.name()};
    const auto name = fmt::format("{}_p{}", table, format_day(day, ""));
    work.exec_params(
        "SELECT pg_advisory_xact_lock(hashtextextended('partitions', $1::regclass::oid::bigint))",
        table);
    for (const auto& gap :
         work.exec_params(kFindMissing, source, midnight(day), midnight(day + days{1}))) {
        // DETACH ... CONCURRENTLY takes no rows any more, and stands in the way of a new one.
        if (gap[2].as<bool>()) {
            const ServerError error{.sqlstate = kObjectInUse,
                                    .message = "a partition of the day is being detached",
                                    .table = name};
            throw Refused{describe(error), error};
        }
        const auto partition = work.exec_params1(kFindFreeName, table, name)[0].as<std::string>();
        work.exec_params("SELECT add_partition($1, $2, $3, $4)", source, partition,
                         gap[0].as<std::string>(), gap[1].as<std::string>());
    }
}

void PartitionMap::learn(std::span<const Attached> partitions, Days days) {
    const auto direct = [](const Attached& partition) { return !partition.table.empty(); };
    for (const auto& partition : partitions) {
        if (direct(partition)) direct_.insert_or_assign(partition.first, partition);
    }
    for (const auto day : days) {
        known_.insert(day);
        if (day >= kFirstDay && !is_covered(partitions, day, direct) && !indirect_since_) {
            indirect_since_ = std::chrono::steady_clock::now();
        }
    }
}

}  // namespace events::postgres
