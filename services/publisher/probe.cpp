#include "publisher/probe.hpp"

#include "common/events/time.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace events::publisher {

Probe::Probe(metrics::Registry& metrics, logging::Logger log)
    : log_{std::move(log)},
      published_{
          metrics.counter("published_events_total", "Events that the gateway answered as saved.")},
      retries_{metrics.counter("publish_retries_total", "POSTs that were sent again.")},
      skipped_{metrics.counter(
          "publish_skipped_turns_total",
          "Turns of the schedule without a POST: too much in flight, or no batch in time.")} {
    for (const auto& [name, reason] : kFailureReasons) {
        failures_.at(static_cast<std::size_t>(reason)) =
            &metrics.counter("publish_failures_total", "Events that were not accepted, by reason.",
                             {{"reason", std::string{name}}});
    }
}

void Probe::failed(FailureReason reason, std::uint64_t events) const {
    if (events > 0)
        failures_.at(static_cast<std::size_t>(reason))->Increment(static_cast<double>(events));
}

void Probe::finished(const Batch& batch, const Answer& answer, std::uint64_t lost,
                     const logging::RequestIds& ids, std::chrono::milliseconds took) const {
    published_.Increment(static_cast<double>(answer.saved));
    failed(FailureReason::invalid, answer.failed);
    failed(answer.failure.value_or(FailureReason::unaccounted), lost);
    const bool as_it_should = lost == 0 && answer.error.empty();
    const auto level = as_it_should ? logging::Level::info : logging::Level::warn;
    const auto* message = as_it_should     ? "posted"
                          : answer.failure ? "a POST was lost"
                                           : "an answer does not account for its POST's events";
    log_.log(level, message,
             {ids,
              {"batch", batch.number},
              {"events", batch.events()},
              {"status", answer.status},
              {"saved", answer.saved},
              {"failed", answer.failed},
              {"spooled", answer.spooled},
              {"lost", lost},
              {"durationMs", took.count()},
              {"err", answer.error}});
}

void Probe::retrying(const Batch& batch, const Answer& answer, const logging::RequestIds& ids,
                     unsigned attempt, std::chrono::milliseconds delay) const {
    retries_.Increment();
    log_.warn("a POST is sent again", {ids,
                                       {"batch", batch.number},
                                       {"events", batch.events()},
                                       {"attempt", attempt},
                                       {"delayMs", delay.count()},
                                       {"err", answer.error}});
}

void Probe::skipped(std::uint64_t turns) const {
    skipped_.Increment(static_cast<double>(turns));
}

void Probe::falling_behind(std::uint64_t turns) const {
    log_.warn(
        "turns were skipped: CONCURRENCY posts are in flight, or a batch was not made in time",
        {{"turns", turns}});
}

void Probe::waiting_for_gateway() const {
    log_.info("waiting for the gateway's first answer before the schedule starts");
}

void Probe::begins(const GeneratorSettings& settings) const {
    log_.info("publishing", {{"seed", settings.seed},
                             {"startTime", format_timestamp(settings.start_time)},
                             {"count", settings.count},
                             {"intervalMs", settings.interval.count()}});
}

void Probe::stopped(const Summary& summary) const {
    const auto message = fmt::format(
        "{} posts, {} events sent: {} saved ({} spooled), {} failed, {} lost; {} posts retried, "
        "{} turns skipped",
        summary.posts, summary.sent, summary.saved, summary.spooled, summary.failed, summary.lost,
        summary.retried, summary.skipped);
    log_.info(message, {{"posts", summary.posts},
                        {"sent", summary.sent},
                        {"saved", summary.saved},
                        {"failed", summary.failed},
                        {"spooled", summary.spooled},
                        {"retried", summary.retried},
                        {"skipped", summary.skipped},
                        {"lost", summary.lost}});
}

}  // namespace events::publisher
