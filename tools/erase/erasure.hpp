#pragma once

#include "common/postgres/segment_store.hpp"
#include "dlq/letters.hpp"
#include "erase/ledger.hpp"
#include "erase/person.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace events::erase {

/// What an erasure does next; in this order, those of rows and letters once each.
enum class Step : std::uint8_t {
    add_to_ledger,
    await_writers,
    delete_rows,  ///< of one more partition
    look_for_letters,
    delete_letter,
    count_waiting,
    finish,
};

/// Where the tools look and delete. Single-threaded.
struct Systems {
    postgres::Connection& database;
    nats::Connection& broker;
    const std::atomic<bool>& interrupted;
};

struct ErasureOptions {
    std::vector<Source> sources;
    Occasion occasion{};
    std::function<void(Step)> before_step{};       ///< tests throw from here
    std::function<void(std::string_view)> tell{};  ///< a line about something that takes long
};

struct Outcome {
    bool is_complete = false;  ///< else it was interrupted: run it again
    std::vector<Target> targets;
    std::vector<postgres::PartitionState> partitions;  ///< that had any of their rows
};

/// Erases the persons: first the ledger and the list that collectors leave events out by, then the
/// rows, then the letters. So whenever it ends, nothing is stored of them that was accepted before
/// it began, and running it again does the rest.
/// Failure: postgres::Unavailable, nats::Error.
[[nodiscard]] Outcome erase(const Systems& systems, Persons persons, const ErasureOptions& options);

/// What there is of them.
struct Inventory {
    bool is_complete = false;
    std::vector<Target> targets;
    /// Partitions that have something of them in segments or changes, and how many of either.
    std::int64_t segments = 0;
    std::int64_t changes = 0;

    [[nodiscard]] bool any() const;
};

/// Looks and changes nothing. Failure: as erase().
[[nodiscard]] Inventory take_inventory(const Systems& systems, Persons persons,
                                       const std::vector<Source>& sources);

/// Calls `print` with each row, letter and waiting event of them as one line of JSON; false when it
/// was interrupted. Failure: as erase().
bool export_all(const Systems& systems, Persons persons, const std::vector<Source>& sources,
                const std::function<void(std::string_view line)>& print);

}  // namespace events::erase
