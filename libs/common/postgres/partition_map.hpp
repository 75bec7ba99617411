#pragma once

#include "common/events/event.hpp"
#include "common/postgres/connection.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace events::postgres {

/// A partition that rows can be copied into by its own name.
struct DirectPartition {
    std::uint32_t oid = 0;
    std::string table;  ///< with its schema, quoted: stands in SQL as it is
    Timestamp first;    ///< first <= occurred_at < until
    Timestamp until;
};

/// The partitions of a source's table of events: makes those that are missing, one a UTC day, and
/// knows which of them a row belongs to.
///
/// A day has its partition when attached ones cover it, whatever their names and bounds: an
/// operator's partition of a month will do. Else a new table is made for what is not covered, named
/// <table>_pYYYYMMDD, or <table>_pYYYYMMDD_2 and so on where that name is taken. A table that is
/// there already is never touched: what was detached stays detached.
///
/// The role needs the right to call add_partition() (0001_events.sql), not the table. Neither
/// readers nor writers wait: a partition is made as a table of its own, in a transaction of its
/// own, then attached (SHARE UPDATE EXCLUSIVE on the parent). Several processes may make the same
/// one at once: an advisory lock lets one of them.
///
/// One per thread. Failure: Unavailable; Refused where the day can't have a partition, e.g. while
/// one of its partitions is being detached.
class PartitionMap {
  public:
    /// Days before this one share a partition that a migration made (0001_events.sql).
    static constexpr std::chrono::sys_days kFirstDay{std::chrono::year{2004} /
                                                     std::chrono::January / 1};

    /// One that is attached, of any kind but a default one; `table` is empty where it is not
    /// direct.
    using Attached = DirectPartition;

    explicit PartitionMap(Source source) : source_{source} {}

    /// Makes what is missing for these days (sorted), and looks up what it does not remember: no
    /// statement where it knows all of them.
    void ensure(Connection& connection, std::span<const std::chrono::sys_days> days);

    /// The partition of a row of one of the days that ensure() was given; null where the row has to
    /// go through the table of all events: to a default partition, to one that is partitioned
    /// itself or stands on another server, to one that this role may not insert into, or where the
    /// table has a policy or a trigger of somebody's that such an INSERT would evade. The partition
    /// may have been detached or dropped since. The pointer holds until ensure() or forget().
    [[nodiscard]] const DirectPartition* find(Timestamp time) const noexcept;

    /// Forgets all, since something turned out to be otherwise.
    void forget() noexcept;

  private:
    using Days = std::span<const std::chrono::sys_days>;

    [[nodiscard]] std::vector<std::chrono::sys_days> unknown(Days days);
    [[nodiscard]] bool make(Connection& connection, std::chrono::sys_days day) const;
    void make_missing(pqxx::work& work, std::chrono::sys_days day) const;
    void learn(std::span<const Attached> partitions, Days days);

    Source source_;
    std::set<std::chrono::sys_days> known_;
    std::set<std::chrono::sys_days> without_own_;  ///< a default partition has rows of theirs
    std::map<Timestamp, DirectPartition> direct_;  ///< by their first
    /// When a day was found that is not all in direct partitions; others may change that.
    std::optional<std::chrono::steady_clock::time_point> indirect_since_;
};

}  // namespace events::postgres
