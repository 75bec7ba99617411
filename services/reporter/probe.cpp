#include "reporter/probe.hpp"

#include <utility>

namespace events::reporter {
namespace {

/// The target of the alert EventsReportSlow.
constexpr std::chrono::seconds kSlow{1};

constexpr std::size_t index_of(Category category) {
    return static_cast<std::size_t>(category);
}

}  // namespace

Probe::Probe(metrics::Registry& metrics, logging::Logger log)
    : latency_{}, cancellations_{}, log_{std::move(log)} {
    for (const auto& [name, category] : kCategories) {
        latency_.at(index_of(category)) = &metrics.histogram(
            "report_latency_seconds", "From a report's checked parameters to its figures.",
            metrics::latency_buckets(), {{"category", std::string{name}}});
        cancellations_.at(index_of(category)) = &metrics.counter(
            "report_cancellations_total", "Reports whose client left before the answer.",
            {{"category", std::string{name}}});
    }
}

void Probe::answered(const Query& query, const logging::RequestIds& ids,
                     std::chrono::steady_clock::duration took) {
    const std::chrono::duration<double> seconds = took;
    latency_.at(index_of(query.category))->Observe(seconds.count());
    const bool is_slow = took >= kSlow;
    if (!is_slow && !log_.enabled(logging::Level::debug)) return;
    const auto log = is_slow ? &logging::Logger::info : &logging::Logger::debug;
    (log_.*log)(is_slow ? "slow report" : "report",
                {ids,
                 {"category", name_in(kCategories, query.category)},
                 {"question", query.logged_text},
                 {"status", 200},
                 {"durationMs", seconds.count() * 1'000}});
}

void Probe::refused(Category category, const logging::RequestIds& ids, std::size_t bad_parameters) {
    log_.info("report refused", {ids,
                                 {"category", name_in(kCategories, category)},
                                 {"status", 400},
                                 {"badParameters", bad_parameters}});
}

void Probe::cancelled(const Query& query, const logging::RequestIds& ids) {
    cancellations_.at(index_of(query.category))->Increment();
    log_.info(
        "report cancelled",
        {ids, {"category", name_in(kCategories, query.category)}, {"question", query.logged_text}});
}

void Probe::failed(const Query& query, const logging::RequestIds& ids, std::string_view why) {
    log_.warn("report failed", {ids,
                                {"category", name_in(kCategories, query.category)},
                                {"question", query.logged_text},
                                {"status", 503},
                                {"err", why}});
}

}  // namespace events::reporter
