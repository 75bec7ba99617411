#include "gateway/probe.hpp"

#include <string>
#include <utility>

namespace events::gateway {
namespace {

constexpr const char* kFailed = "failed_events_total";
constexpr const char* kFailedHelp = "Events that were not stored, by reason.";

double milliseconds(std::chrono::steady_clock::duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace

Probe::Probe(logging::Logger log, metrics::Registry& metrics)
    : log_{std::move(log)},
      metrics_{metrics},
      accepted_{counters("accepted_events_total", "Events received.")},
      processed_{counters("processed_events_total", "Events that are durable in JetStream.")},
      spooled_{counters("spooled_events_total", "Events that went to the spool.")},
      refused_{counters(kFailed, kFailedHelp, {{"reason", "refused_by_jetstream"}})},
      unreachable_{counters(kFailed, kFailedHelp, {{"reason", "jetstream_unreachable"}})} {
    for (const auto code : kGatewayRejections) {
        const std::string reason{to_string(code)};
        failed_.emplace(code, counters(kFailed, kFailedHelp, {{"reason", reason}}));
        dead_lettered_.emplace(
            code, counters("dead_letter_events_total",
                           "Events put into the dead letters, by reason.", {{"reason", reason}}));
        dead_letters_lost_.emplace(
            code, counters("lost_dead_letter_events_total",
                           "Invalid events that neither the dead letters nor the spool could take; "
                           "their sender got a 503.",
                           {{"reason", reason}}));
    }
}

Probe::PerSource Probe::counters(const char* name, const char* help, metrics::Labels labels) {
    PerSource result;
    labels["source"] = "unknown";
    result.unknown = &metrics_.counter(name, help, labels);
    for (const auto source : sources()) {
        labels["source"] = source.name();
        result.known[source] = &metrics_.counter(name, help, labels);
    }
    return result;
}

void Probe::accepted(std::optional<Source> source, std::uint64_t events) {
    accepted_[source].Increment(static_cast<double>(events));
}

void Probe::processed(Source source, std::uint64_t events) {
    processed_[source].Increment(static_cast<double>(events));
}

void Probe::spooled(const Cargo& cargo) {
    if (cargo.dead_letter != nullptr) {
        dead_lettered(cargo.dead_letter->source, cargo.dead_letter->why.code);
    } else {
        spooled_[cargo.source].Increment(static_cast<double>(cargo.events));
    }
}

void Probe::rejected(std::optional<Source> source, RejectionCode code) {
    failed_.at(code)[source].Increment();
}

void Probe::refused(Source source, std::uint64_t events) {
    refused_[source].Increment(static_cast<double>(events));
}

void Probe::unreachable(Source source, std::uint64_t events) {
    unreachable_[source].Increment(static_cast<double>(events));
}

void Probe::dead_lettered(std::optional<Source> source, RejectionCode code) {
    dead_lettered_.at(code)[source].Increment();
}

void Probe::dead_letter_lost(std::optional<Source> source, RejectionCode code) {
    dead_letters_lost_.at(code)[source].Increment();
}

void Probe::given_up() {
    rejected(std::nullopt, RejectionCode::too_large_for_the_broker);
    dead_lettered(std::nullopt, RejectionCode::too_large_for_the_broker);
}

void Probe::request_done(const logging::RequestIds& ids, const Summary& summary) {
    if (summary.spooled > 0) {
        log_.warn("events spooled", {ids,
                                     {"saved", summary.saved},
                                     {"spooled", summary.spooled},
                                     {"failed", summary.failed},
                                     {"bytes", summary.bytes},
                                     {"durationMs", milliseconds(summary.duration)}});
        return;
    }
    log_.info(summary.dry_run ? "events checked" : "events stored",
              {ids,
               {"saved", summary.saved},
               {"failed", summary.failed},
               {"bytes", summary.bytes},
               {"durationMs", milliseconds(summary.duration)}});
}

void Probe::request_not_stored(const logging::RequestIds& ids, const Summary& summary,
                               std::string_view why) {
    log_.warn("events not stored", {ids,
                                    {"saved", summary.saved},
                                    {"failed", summary.failed},
                                    {"bytes", summary.bytes},
                                    {"durationMs", milliseconds(summary.duration)},
                                    {"err", why}});
}

void Probe::body_malformed(const logging::RequestIds& ids, std::string_view why) {
    log_.warn("body is not events", {ids, {"err", why}});
}

}  // namespace events::gateway
