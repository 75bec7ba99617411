#include "common/health/registry.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace events::health {

Indicator::Indicator(std::string name, metrics::Gauge& gauge, bool required)
    : name_{std::move(name)}, gauge_{gauge}, required_{required} {
    gauge_.Set(0);
}

void Indicator::up() {
    up_.store(true, std::memory_order_relaxed);
    gauge_.Set(1);
}

void Indicator::down(std::string_view reason) {
    {
        const std::lock_guard lock{mutex_};
        reason_ = reason;
    }
    up_.store(false, std::memory_order_relaxed);
    gauge_.Set(0);
}

void Indicator::fault(std::string_view what) {
    const std::lock_guard lock{mutex_};
    fault_ = what;
}

std::string Indicator::reason() const {
    const std::lock_guard lock{mutex_};
    return reason_;
}

std::string Indicator::fault() const {
    const std::lock_guard lock{mutex_};
    return fault_;
}

Indicator& Registry::add(std::string name, bool required) {
    auto& gauge = metrics_.gauge("dependency_up", "1 while the dependency answers, else 0.",
                                 {{"dependency", name}});
    return indicators_.emplace_back(std::move(name), gauge, required);
}

Report Registry::readiness() const {
    auto info = nlohmann::ordered_json::object();
    auto error = nlohmann::ordered_json::object();
    auto details = nlohmann::ordered_json::object();
    const auto add = [&](const std::string& name, bool up, const std::string& reason,
                         bool required) {
        nlohmann::ordered_json entry{{"status", up ? "up" : "down"}};
        if (!up) entry["message"] = reason;
        if (up || required) (up ? info : error)[name] = entry;
        details[name] = entry;
    };
    const auto phase = phase_.load();
    if (phase != Phase::running) {
        add("service", false, phase == Phase::starting ? "starting" : "draining", true);
    }
    for (const auto& indicator : indicators_) {
        const auto fault = indicator.fault();
        add(indicator.name(), indicator.is_up() && fault.empty(),
            fault.empty() ? indicator.reason() : fault, indicator.is_required() || !fault.empty());
    }
    const bool ready = error.empty();
    const nlohmann::ordered_json body{
        {"status", ready ? "ok" : "error"}, {"info", info}, {"error", error}, {"details", details}};
    return {ready, body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)};
}

}  // namespace events::health
