#pragma once

#include <cstdint>
#include <string>

namespace events::test {

/// What one snapshot of a database has, of the partitions that are built: whose events are those of
/// their segments and of event_changes.
struct Recount {
    std::int64_t built = 0;        ///< such partitions
    std::int64_t unbuilt = 0;      ///< attached ones that are answered from their rows
    std::int64_t rows = 0;         ///< of built ones
    std::int64_t in_segments = 0;  ///< events; one that is taken back is -1
    std::int64_t in_changes = 0;
    /// The first differences between rows and segments with changes, event by event, and between
    /// rows and sums by hour; empty where all is as it must be.
    std::string difference;
};

/// Decodes every segment (checksums, content, what the catalogue says of it) and compares with the
/// rows, whoever wrote them. Our own tables are in the schema `events`, those of events in
/// `public`.
[[nodiscard]] Recount recount(const std::string& url);

}  // namespace events::test
