#include "common/collector/probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace events::collector {
namespace {

double seconds(std::chrono::steady_clock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

metrics::Labels labels_of(Source source) {
    return {{"source", std::string{source.name()}}};
}

}  // namespace

Probe::Probe(Source source, logging::Logger log, metrics::Registry& metrics)
    : log_{std::move(log)},
      accepted_{metrics.counter("accepted_events_total", "Events received.", labels_of(source))},
      processed_{metrics.counter("processed_events_total", "Events stored, each once.",
                                 labels_of(source))},
      duplicates_{metrics.counter("duplicate_events_total",
                                  "Events that were delivered again after they were stored.",
                                  labels_of(source))},
      erased_{metrics.counter("erased_events_total",
                              "Events that were not stored: their person was erased after they "
                              "were accepted.",
                              labels_of(source))},
      parked_{metrics.gauge("parked_events",
                            "Events that wait since the database refuses them; others are stored.",
                            labels_of(source))},
      batch_size_{metrics.histogram("batch_size_events", "Events in one transaction.",
                                    {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000})},
      batch_store_{metrics.histogram("batch_store_seconds", "Time of one transaction.",
                                     metrics::latency_buckets())},
      storage_delay_{metrics.histogram(
          "event_storage_delay_seconds", "From the gateway's acceptance of an event to its commit.",
          {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600})} {
    for (const auto code : kCollectorRejections) {
        auto labels = labels_of(source);
        labels["reason"] = to_string(code);
        failed_[code] = &metrics.counter("failed_events_total",
                                         "Events that were not stored, by reason.", labels);
        dead_lettered_[code] = &metrics.counter(
            "dead_letter_events_total", "Events put into the dead letters, by reason.", labels);
    }
}

void Probe::accepted(std::size_t events) {
    accepted_.Increment(static_cast<double>(events));
}

void Probe::stored(std::size_t events, std::size_t inserted,
                   std::chrono::steady_clock::duration took) {
    processed_.Increment(static_cast<double>(inserted));
    duplicates_.Increment(static_cast<double>(events - inserted));
    batch_size_.Observe(static_cast<double>(events));
    batch_store_.Observe(seconds(took));
}

void Probe::erased(std::size_t events) {
    erased_.Increment(static_cast<double>(events));
}

void Probe::visible(Timestamp received_at, Timestamp committed) {
    // Two machines' clocks: where they differ by a little, a moment must not come before another.
    const auto delay = std::max(committed - received_at, Timestamp::duration{0});
    storage_delay_.Observe(std::chrono::duration<double>(delay).count());
}

void Probe::dead_lettered(RejectionCode code, std::string_view event_id,
                          const logging::RequestIds& ids, std::string_view why) {
    failed_.at(code)->Increment();
    dead_lettered_.at(code)->Increment();
    log_.warn("event put into the dead letters",
              {{"eventId", event_id}, ids, {"reason", to_string(code)}, {"err", why}});
}

void Probe::batch_done(const BatchFigures& figures, std::span<const std::string> correlation_ids,
                       std::span<const std::string> trace_ids) {
    log_.info("batch stored", {{"batch", figures.messages},
                               {"events", figures.events},
                               {"stored", figures.stored},
                               {"duplicates", figures.duplicates},
                               {"erased", figures.erased},
                               {"deadLetters", figures.dead_letters},
                               {"parked", figures.parked},
                               {"durationMs", seconds(figures.duration) * 1000},
                               {"correlationIds", correlation_ids},
                               {"traceIds", trace_ids}});
}

void Probe::database_down(postgres::Cause cause, std::string_view why) {
    log_.warn(fmt::format("{}; what is in hand is kept", postgres::headline(cause)),
              {{"err", why}});
}

void Probe::refused(const std::string& day, postgres::Cause cause, std::string_view why) {
    log_.error(fmt::format("{}; the events wait, others go on", postgres::headline(cause)),
               {{"day", day}, {"err", why}});
}

void Probe::nothing_refused() {
    log_.info("the database takes all events again");
}

void Probe::parked(std::size_t events) {
    parked_.Set(static_cast<double>(events));
}

void Probe::took_too_long(std::size_t events, std::string_view why) {
    log_.warn("storing took the database too long; trying the halves",
              {{"events", events}, {"err", why}});
}

void Probe::migration_pending(std::string_view why) {
    log_.warn("waits for a migration", {{"err", why}});
}

void Probe::database_up() {
    log_.info("the database answers");
}

void Probe::dead_letters_unreachable(std::string_view why) {
    log_.warn("a dead letter could not be kept yet; trying again", {{"err", why}});
}

void Probe::given_back(std::size_t messages) {
    log_.info("given back to the stream", {{"batch", messages}});
}

void Probe::reading_failed(std::string_view why) {
    log_.error("reading from the stream failed; trying again", {{"err", why}});
}

}  // namespace events::collector
