#include "common/postgres/day_partitions.hpp"

#include <fmt/format.h>

namespace events::postgres {
namespace {

std::string format_day(std::chrono::sys_days day, std::string_view separator) {
    const std::chrono::year_month_day date{day};
    return fmt::format("{:04}{}{:02}{}{:02}", static_cast<int>(date.year()), separator,
                       static_cast<unsigned>(date.month()), separator,
                       static_cast<unsigned>(date.day()));
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
    const auto partition = fmt::format("{}_p{}", table_, format_day(day, ""));
    connection.transact([&](pqxx::work& work) {
        work.exec_params("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
                         "day partitions of " + table_);
        const auto attached = work.exec_params(
            "SELECT inhdetachpending FROM pg_inherits "
            "WHERE inhparent = $1::regclass AND inhrelid = to_regclass($2)",
            table_, partition);
        if (!attached.empty()) {
            // DETACH ... CONCURRENTLY takes no rows any more, and stands in the way of a new one.
            if (attached[0][0].as<bool>()) throw Unavailable{partition + " is being detached"};
            return;
        }
        work.exec_params("SELECT add_day_partition($1::regclass, $2, $3, $4)", table_, partition,
                         format_day(day, "-") + " 00:00:00+00",
                         format_day(day + std::chrono::days{1}, "-") + " 00:00:00+00");
    });
}

}  // namespace events::postgres
