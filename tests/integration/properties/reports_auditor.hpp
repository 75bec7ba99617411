#pragma once

#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "random_events.hpp"
#include "reporter/snapshot.hpp"
#include "support/report_questions.hpp"

#include <pqxx/pqxx>

#include <cstdint>
#include <string>

namespace events::test {

/// Asks the reporter's questions and recounts them in the same snapshot. Single-threaded.
class ReportsAuditor {
  public:
    explicit ReportsAuditor(std::uint64_t seed);

    /// Of some random questions, as text for a failure; empty where all are exact.
    [[nodiscard]] std::string differences(pqxx::transaction_base& transaction);

  private:
    std::string difference(const Question& asked, pqxx::transaction_base& transaction);

    Random random_;
    logging::Logger log_;
    metrics::Registry metrics_;
    reporter::Snapshots snapshots_;  ///< with a cache that is too small for all
};

}  // namespace events::test
