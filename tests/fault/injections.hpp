#pragma once

#include "schedule.hpp"
#include "suite.hpp"

#include <string>

namespace events::test {

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
/// The primary dies, and its synchronous standby takes its place.
void promote_standby(Suite& suite, const Fault& fault);
/// Nothing in the spool's folder can be made or removed, while NATS is away and after it is back.
void make_spool_read_only(Suite& suite, const Fault& fault);

/// Waits for the fault's duration.
void hold(const Fault& fault);
/// Failure: std::runtime_error with `otherwise`.
void require(bool holds, const std::string& otherwise);
/// Pauses the clients, waits until all that they were told is stored, and keeps the dead letters:
/// then a stream can be deleted and nothing goes with it. Suite::resume_clients() must follow.
void settle(Suite& suite);

}  // namespace events::test
