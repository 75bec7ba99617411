#pragma once

#include "common/expected.hpp"
#include "common/postgres/connection.hpp"
#include "reporter/buckets.hpp"
#include "reporter/query.hpp"
#include "reporter/report.hpp"
#include "reporter/snapshot.hpp"

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>

namespace events::reporter {

/// A report on its way: what is read from the database and what is counted are steps of their own,
/// so that a long count holds no connection.
///
/// One thread at a time. Failure: segments::Stopped, and what the database throws.
class Computation {
  public:
    Computation(Query query, Snapshots& snapshots, std::stop_token stop);

    /// The first step.
    void read(postgres::Connection& connection);

    /// Whether counting takes longer than some milliseconds of one core.
    [[nodiscard]] bool is_big() const;

    /// Errors  BadParameter for what only the stored events show to be too much.
    [[nodiscard]] Expected<Report, BadParameter> count(std::size_t threads);

  private:
    void read_buckets(SnapshotReader& reader, pqxx::transaction_base& transaction);
    void trim(Report& report) const;
    [[nodiscard]] segments::ScanOptions options(std::size_t threads) const;

    Query query_;
    Snapshots& snapshots_;
    std::stop_token stop_;
    segments::Question question_;
    Snapshot snapshot_;
    std::string kept_from_;
    std::optional<Buckets> buckets_;
    bool too_many_buckets_ = false;
    bool has_older_ = false;  ///< the first of the buckets is for what is older than the series
};

}  // namespace events::reporter
