#pragma once

#include "stack.hpp"
#include "support/prometheus_server.hpp"

#include <optional>
#include <set>
#include <string>

namespace events::test {

/// The suite under a load of all that it knows: valid and invalid events of both sources from a
/// publisher, reports, one of them failing, and requests of strangers; Prometheus watches it, and
/// the database has the role of the dashboards.
class WatchedStack {
  public:
    WatchedStack();

    /// What the publisher does not do: reports, mistakes, and requests without a key.
    void be_used();
    /// POST /events with the key.
    [[nodiscard]] unsigned post(const std::string& body);
    void start_reporter();

    /// The only figure of an expression's answer; -1 where there is none.
    [[nodiscard]] double figure(const std::string& expression);
    /// Every metric that a daemon exports now, histograms by their stem.
    [[nodiscard]] std::set<std::string> exported();

    [[nodiscard]] Stack& stack() noexcept { return stack_; }
    [[nodiscard]] PrometheusServer& prometheus() noexcept { return *prometheus_; }

  private:
    /// One that takes too long, since somebody holds what it reads: 503.
    void fail_a_report();
    [[nodiscard]] unsigned ask(const std::string& report, const std::string& token);

    Stack stack_;
    std::optional<PrometheusServer> prometheus_;
};

}  // namespace events::test
