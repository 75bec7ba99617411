#pragma once

#include "common/nats/publisher.hpp"
#include "common/retention/retention_days.hpp"
#include "dlq/command_line.hpp"
#include "dlq/console.hpp"
#include "dlq/letters.hpp"

namespace events::dlq {

/// Publishes what is valid now and deletes its letters; without --apply it only says what it would
/// do. A letter is deleted when JetStream has acknowledged everything that was made of it, so
/// whatever ends a replay, the next one goes on: what was published but not deleted is published
/// again, and stored once.
///
/// What stays is named on standard output, with its reason. Returns the exit code: kIncomplete when
/// with --apply a chosen letter stays. Throws nats::Error when the broker does not answer any more.
[[nodiscard]] ExitCode replay(Letters& letters, nats::Publisher& publisher, const CommandLine& line,
                              const retention::RetentionDays& retained, Console& console);

}  // namespace events::dlq
