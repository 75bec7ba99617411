#pragma once

#include "common/postgres/connection.hpp"

#include <chrono>
#include <set>
#include <span>
#include <string>

namespace events::postgres {

/// Makes the partitions of a table that is partitioned by range over a timestamptz, one a UTC day,
/// when they are needed first. Remembers those that it saw.
///
/// A day has its partition when attached ones cover it, whatever their names and bounds: an
/// operator's partition of a month will do. Else a new table is made for what is not covered, named
/// <table>_pYYYYMMDD, or <table>_pYYYYMMDD_2 and so on where that name is taken. A table that is
/// there already is never touched: what was detached stays detached.
///
/// The role needs the right to call add_day_partition() (0004_day_partitions.sql), not the table.
/// Neither readers nor writers wait: a partition is made as a table of its own, in a transaction
/// of its own, then attached (SHARE UPDATE EXCLUSIVE on the parent). Several processes may make
/// the same one at once: an advisory lock lets one of them.
///
/// One per thread. Failure: Unavailable; Refused where the day can't have a partition, e.g. while
/// one of its partitions is being detached.
class DayPartitions {
  public:
    /// Days before this one share a partition that a migration made (0001_events.sql).
    static constexpr std::chrono::sys_days kFirstDay{std::chrono::year{2004} /
                                                     std::chrono::January / 1};

    /// `table` stands in SQL as it is.
    explicit DayPartitions(std::string table) : table_{std::move(table)} {}

    /// Makes what is missing for these days.
    void ensure(Connection& connection, std::span<const std::chrono::sys_days> days);

    /// Forgets which partitions exist, since one of them was found missing.
    void forget() noexcept { known_.clear(); }

  private:
    void make(Connection& connection, std::chrono::sys_days day) const;
    void make_missing(pqxx::work& work, const std::string& day, const std::string& next_day,
                      const std::string& name) const;

    std::string table_;
    std::set<std::chrono::sys_days> known_;
};

}  // namespace events::postgres
