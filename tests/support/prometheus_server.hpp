#pragma once

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace events::test {

/// One series of an answer.
struct Sample {
    std::map<std::string, std::string> labels;
    double value = 0;
};

/// What a query gave: an error, or samples (none: an empty answer).
struct QueryAnswer {
    std::string error;
    std::vector<Sample> samples;
};

/// A rule as Prometheus has loaded it.
struct Rule {
    std::string name;
    std::string expression;
    bool alerts = false;  ///< else it records
    std::string error;    ///< of its last evaluation
};

/// A real Prometheus on a loopback port, its data in a folder of its own, which scrapes every
/// second and evaluates the project's rules. Ends with the object, by its pid. For one thread.
class PrometheusServer {
  public:
    /// `ports`: of each job, the loopback ports of its daemons.
    explicit PrometheusServer(const std::map<std::string, std::vector<std::uint16_t>>& ports);
    ~PrometheusServer();
    PrometheusServer(const PrometheusServer&) = delete;
    PrometheusServer& operator=(const PrometheusServer&) = delete;

    /// Evaluates an expression now. Throws when Prometheus does not answer.
    [[nodiscard]] QueryAnswer query(const std::string& expression);
    [[nodiscard]] std::vector<Rule> rules();

  private:
    TemporaryDirectory folder_;
    std::uint16_t port_;
    std::optional<Process> process_;
};

}  // namespace events::test
