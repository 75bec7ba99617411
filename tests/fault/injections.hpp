#pragma once

#include "schedule.hpp"
#include "suite.hpp"

#include <chrono>
#include <string>

namespace events::test {

/// Longer than anything is away because of another fault: a nats-server whose disk was full may
/// hang for a minute, until it is killed.
inline constexpr std::chrono::minutes kLongestOutage{5};

// The kinds of fault that take more than a few lines. Failure of each: std::runtime_error when the
// servers can't be brought to it, or when the suite does not react to it as it promises.

/// A stream of somebody else takes the place of one of ours: the gateway must not believe it.
void plant_foreign_stream(Suite& suite, const Fault& fault);
/// A stranger publishes into a source's subject, with headers and payloads that are not ours.
void send_hostile_messages(Suite& suite, const Fault& fault);
/// Somebody's own column, constraint or trigger refuses every row of a table.
void constrain_table(Suite& suite, const Fault& fault);
/// A table has the name that a day's partition would get: a detached one, or a stranger's.
void take_name_of_day(Suite& suite, const Fault& fault);
/// Somebody adds, changes and deletes rows by SQL, through the table or a partition's own name:
/// each change is in the next report.
void change_rows(Suite& suite, const Fault& fault);
/// A day of somebody else's is attached, and then truncated, dropped, or detached, changed and
/// attached again.
void exchange_day(Suite& suite, const Fault& fault);
/// A day is older than what is kept: it is dropped, reports follow, and no event brings it back.
/// Thread-safe; other faults may go on.
void drop_day(Suite& suite, const Fault& fault);
/// A person is erased whose events come in: none that was accepted before is stored later, and what
/// is accepted afterwards is; the ledger knows which. Thread-safe; other faults may go on.
void erase_person(Suite& suite, const Fault& fault);
/// Today's segments are built again and again.
void rebuild_day(Suite& suite, const Fault& fault);
/// A bit of a segment's bytes is not as it was written: it is noticed, and built again.
void flip_bit(Suite& suite, const Fault& fault);
/// Today's rows get new files.
void vacuum_full(Suite& suite, const Fault& fault);
/// A snapshot is held, so that nothing that is deleted goes.
void hold_snapshot(Suite& suite, const Fault& fault);
/// The primary dies, and its synchronous standby takes its place.
void promote_standby(Suite& suite, const Fault& fault);
/// Nothing in the spool's folder can be made or removed, while NATS is away and after it is back.
void make_spool_read_only(Suite& suite, const Fault& fault);

/// The first value that a query gives, asked again while the database is away.
std::string ask(Suite& suite, const std::string& sql);
/// Runs it in a transaction of its own, again when the daemons' locks or deadlocks were in the way,
/// or the database was away: then it may have happened already.
void change(Suite& suite, const std::string& sql);
/// One that no event has had yet, a different one at each call.
std::chrono::sys_days next_day();
/// Waits for the fault's duration.
void hold(const Fault& fault);
/// Failure: std::runtime_error with `otherwise`.
void require(bool holds, const std::string& otherwise);
/// Pauses the clients, waits until all that they were told is stored, and keeps the dead letters:
/// then a stream can be deleted and nothing goes with it. Suite::resume_clients() must follow.
void settle(Suite& suite);

}  // namespace events::test
