#pragma once

#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "reporter/query.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace events::reporter {

/// What happens to reports, for the log, report_latency_seconds and report_cancellations_total. Of
/// a question the log has the parameters, but no free text: that may be an event's. A report is no
/// news unless it was slow, refused or failed. Thread-safe.
class Probe {
  public:
    Probe(metrics::Registry& metrics, logging::Logger log);

    void answered(const Query& query, const logging::RequestIds& ids,
                  std::chrono::steady_clock::duration took);
    void refused(Category category, const logging::RequestIds& ids, std::size_t bad_parameters);
    /// The client left before its answer.
    void cancelled(const Query& query, const logging::RequestIds& ids);
    void failed(const Query& query, const logging::RequestIds& ids, std::string_view why);

  private:
    std::array<metrics::Histogram*, kCategories.size()> latency_;      // by category
    std::array<metrics::Counter*, kCategories.size()> cancellations_;  // by category
    logging::Logger log_;
};

}  // namespace events::reporter
