#include "common/http/request_probe.hpp"

namespace events::http {
namespace {

constexpr unsigned kClientLeft = 499;

double milliseconds(std::chrono::steady_clock::duration duration) {
    return std::chrono::duration<double, std::milli>{duration}.count();
}

}  // namespace

RequestProbe::RequestProbe(metrics::Registry& metrics, logging::Logger log)
    : metrics_{metrics}, log_{std::move(log)} {}

void RequestProbe::answered(std::string_view route, Method method, unsigned status,
                            std::chrono::steady_clock::duration duration,
                            const logging::RequestIds& ids) {
    count(route, method, status, duration);
    // Whoever refuses or fails says why, once, in a line of its own; an unready probe is no news.
    if (!log_.enabled(logging::Level::debug)) return;
    log_.debug("request answered", {{"method", to_string(method)},
                                    {"route", route},
                                    {"status", status},
                                    {"durationMs", milliseconds(duration)},
                                    ids});
}

void RequestProbe::abandoned(std::string_view route, Method method,
                             std::chrono::steady_clock::duration duration,
                             const logging::RequestIds& ids) {
    count(route, method, kClientLeft, duration);
    if (!log_.enabled(logging::Level::debug)) return;
    log_.debug("the client left before its answer", {{"method", to_string(method)},
                                                     {"route", route},
                                                     {"status", kClientLeft},
                                                     {"durationMs", milliseconds(duration)},
                                                     ids});
}

void RequestProbe::failed(std::string_view route, std::string_view reason,
                          const logging::RequestIds& ids) const {
    log_.error("request failed", {{"route", route}, {"err", reason}, ids});
}

void RequestProbe::count(std::string_view route, Method method, unsigned status,
                         std::chrono::steady_clock::duration duration) {
    auto& metrics = children(route, method, status);
    metrics.requests.Increment();
    metrics.duration.Observe(std::chrono::duration<double>{duration}.count());
}

RequestProbe::Children& RequestProbe::children(std::string_view route, Method method,
                                               unsigned status) {
    auto known = children_.find(route);
    if (known == children_.end()) known = children_.try_emplace(std::string{route}).first;
    const auto key = std::pair{method, status};
    if (const auto found = known->second.find(key); found != known->second.end()) {
        return found->second;
    }
    const metrics::Labels labels{{"route", std::string{route}},
                                 {"method", std::string{to_string(method)}},
                                 {"status", std::to_string(status)}};
    const Children made{
        metrics_.counter("http_requests_total",
                         "Requests that were answered; 499: the client left before.", labels),
        metrics_.histogram("http_request_duration_seconds",
                           "From a request's first byte to its answer's last.",
                           metrics::latency_buckets(), labels)};
    return known->second.emplace(key, made).first->second;
}

}  // namespace events::http
