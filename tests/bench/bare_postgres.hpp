#pragma once

#include "bare_jetstream.hpp"
#include "support/postgres_cluster.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace events::bench {

/// Rows of facebook_events in every form in which libpq can hand them over, made by the database
/// itself beforehand, in batches of 1,000.
struct EncodedRows {
    static constexpr std::size_t kBatch = 1'000;

    struct Batch {
        std::string copy_text;
        std::string copy_binary;
        std::vector<std::string> arrays;  ///< an array literal a column
    };

    std::string columns;  ///< "event_id, occurred_at, ..."
    std::string arrays;   ///< "$1::text[], $2::timestamptz[], ..."
    std::vector<Batch> batches;
};

/// Rows as the collectors store them, of the first hour of today.
[[nodiscard]] EncodedRows encode_rows(test::PostgresCluster& cluster, std::uint64_t rows);

enum class BareWrite { insert, copy_text, copy_binary };

/// Writes all batches by libpq alone, over one connection, a transaction each, into an empty
/// database with our schema: copies into the day's partition, inserts through the table. No
/// segments. Throws std::runtime_error with the server's message.
[[nodiscard]] BareRun write_rows(test::PostgresCluster& cluster, const EncodedRows& rows,
                                 BareWrite how);

/// Applies the migrations.
void migrate(const std::string& url);

}  // namespace events::bench
