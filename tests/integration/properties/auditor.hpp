#pragma once

#include "common/postgres/connection.hpp"
#include "reports_auditor.hpp"

#include <pqxx/pqxx>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace events::test {

/// Holds what segments, hourly_events and reports say against what rows say, each time in one
/// snapshot. Single-threaded.
class Auditor {
  public:
    Auditor(const std::string& url, std::uint64_t seed);

    /// What differs, as text for a failure; empty where all is exact.
    [[nodiscard]] std::string differences();
    /// Of reports alone: they are exact where segments are damaged, too.
    [[nodiscard]] std::string report_differences();

    /// Partitions whose segments were looked at, over all calls.
    [[nodiscard]] std::size_t built() const noexcept { return built_; }

  private:
    /// In one snapshot.
    std::string look(const std::function<std::string(pqxx::transaction_base&)>& at);
    std::string of_segments(pqxx::transaction_base& transaction);
    std::string of_hours(pqxx::transaction_base& transaction);

    postgres::Connection connection_;
    ReportsAuditor reports_;
    std::size_t built_ = 0;
};

}  // namespace events::test
