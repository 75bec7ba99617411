#include "common/http/auth_probe.hpp"

namespace events::http {

AuthProbe::AuthProbe(metrics::Registry& metrics, logging::Logger log)
    : metrics_{metrics}, log_{std::move(log)} {}

void AuthProbe::refused(std::string_view route, AuthFailure why, const logging::RequestIds& ids,
                        std::chrono::steady_clock::time_point now) {
    const auto index = static_cast<std::size_t>(why);
    counters(route).at(index)->Increment();
    ++unlogged_;
    if (now < quiet_until_) return;
    quiet_until_ = now + kLogInterval;
    log_.warn("requests were not let in", {{"requests", std::exchange(unlogged_, 0)},
                                           {"route", route},
                                           {"reason", kAuthFailures.at(index).first},
                                           ids});
}

AuthProbe::PerReason& AuthProbe::counters(std::string_view route) {
    const auto known = counters_.find(route);
    if (known != counters_.end()) return known->second;
    PerReason made{};
    for (const auto& [name, reason] : kAuthFailures) {
        made.at(static_cast<std::size_t>(reason)) =
            &metrics_.counter("unauthenticated_requests_total",
                              "Requests that were refused for who sent them, by reason.",
                              {{"route", std::string{route}}, {"reason", std::string{name}}});
    }
    return counters_.emplace(std::string{route}, made).first->second;
}

}  // namespace events::http
