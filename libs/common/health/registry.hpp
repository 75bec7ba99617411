#pragma once

#include "common/metrics/registry.hpp"

#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

namespace events::health {

/// What a daemon depends on, as its owner last saw it. Starts down ("starting"). Its
/// `dependency_up` gauge follows it. Thread-safe.
class Indicator {
  public:
    /// `required`: without it the daemon is not ready.
    Indicator(std::string name, metrics::Gauge& gauge, bool required = true);

    void up();
    /// `reason` is shown to whoever asks for readiness: no secrets, no addresses with passwords.
    void down(std::string_view reason);

    /// It answers, but is not set up as the daemon needs it, which an operator has to mend: the
    /// daemon is unready, even where the dependency is not required. Empty: no fault (any more).
    /// The gauge tells of answers only.
    void fault(std::string_view what);

    [[nodiscard]] bool is_up() const noexcept { return up_.load(std::memory_order_relaxed); }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] bool is_required() const noexcept { return required_; }
    /// Why it is down.
    [[nodiscard]] std::string reason() const;
    [[nodiscard]] std::string fault() const;

  private:
    std::string name_;
    metrics::Gauge& gauge_;
    const bool required_;
    std::atomic<bool> up_{false};
    mutable std::mutex mutex_;
    std::string reason_{"starting"};
    std::string fault_;
};

/// An answer of /readiness: the status code and a body in the shape of @nestjs/terminus.
struct Report {
    bool ready;
    std::string body;
};

/// The dependencies of one daemon. Reads what the indicators cached and asks nobody, so a probe
/// costs no IO. Thread-safe once every indicator is added.
class Registry {
  public:
    explicit Registry(metrics::Registry& metrics) : metrics_{metrics} {}

    /// Adds a part, e.g. "nats"; the reference lives as long as the registry. One that is not
    /// required is told of, but is no reason to be unready.
    [[nodiscard]] Indicator& add(std::string name, bool required = true);

    /// The daemon's own parts are all made: readiness follows the indicators from here on. Does
    /// nothing once it is draining.
    void started() noexcept {
        auto expected = Phase::starting;
        phase_.compare_exchange_strong(expected, Phase::running);
    }
    /// The daemon will stop: unready from here on, so that load balancers send to others, but what
    /// they still send is served as before.
    void leaving() noexcept { phase_.store(Phase::leaving); }
    /// The daemon is stopping: it takes nothing new.
    void draining() noexcept { phase_.store(Phase::draining); }
    [[nodiscard]] bool is_draining() const noexcept { return phase_.load() == Phase::draining; }

    [[nodiscard]] Report readiness() const;

  private:
    enum class Phase { starting, running, leaving, draining };

    metrics::Registry& metrics_;
    std::deque<Indicator> indicators_;  // a deque never moves its elements
    std::atomic<Phase> phase_{Phase::starting};
};

}  // namespace events::health
