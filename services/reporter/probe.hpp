#pragma once

#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "reporter/query.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace events::reporter {

/// What happens to reports, for the log, report_latency_seconds and report_cancellations_total. The
/// log never holds a parameter's value: it may be a person's. Thread-safe.
class Probe {
  public:
    Probe(metrics::Registry& metrics, logging::Logger log);

    void answered(Category category, const logging::RequestIds& ids,
                  std::chrono::steady_clock::duration took);
    void refused(Category category, const logging::RequestIds& ids, std::size_t bad_parameters);
    /// The client left before its answer.
    void cancelled(Category category, const logging::RequestIds& ids);
    void failed(Category category, const logging::RequestIds& ids, std::string_view why);

  private:
    std::array<metrics::Histogram*, kCategories.size()> latency_;      // by category
    std::array<metrics::Counter*, kCategories.size()> cancellations_;  // by category
    logging::Logger log_;
};

}  // namespace events::reporter
