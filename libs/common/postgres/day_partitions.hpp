#pragma once

#include "common/postgres/connection.hpp"

#include <chrono>
#include <set>
#include <span>
#include <string>

namespace events::postgres {

/// Makes the partitions of a table that is partitioned by range over a timestamptz, one a UTC day,
/// named <table>_pYYYYMMDD, when they are needed first. Remembers those that it saw.
///
/// The role needs the right to call add_day_partition() (0004_day_partitions.sql), not the table.
/// Neither readers nor writers wait: a partition is made as a table of its own, in a transaction
/// of its own, then attached (SHARE UPDATE EXCLUSIVE on the parent). Several processes may make
/// the same one at once: an advisory lock lets one of them. A partition that was detached but not
/// dropped is attached again, with what is in it.
///
/// One per thread. Failure: Unavailable.
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

    std::string table_;
    std::set<std::chrono::sys_days> known_;
};

}  // namespace events::postgres
