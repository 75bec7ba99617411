#pragma once

#include "common/events/event.hpp"
#include "common/events/rejection.hpp"
#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "gateway/shipment.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace events::gateway {

/// What became of a request, for its log line.
struct Summary {
    std::uint64_t saved = 0;
    std::uint64_t spooled = 0;  ///< of `saved`
    std::uint64_t failed = 0;
    std::uint64_t bytes = 0;
    std::chrono::steady_clock::duration duration{};
    bool dry_run = false;  ///< `saved` is what would be
};

/// Counts and logs what happens to events, in one place, so that a metric and a log can't
/// disagree. Thread-safe.
class Probe {
  public:
    Probe(logging::Logger log, metrics::Registry& metrics);

    void accepted(std::optional<Source> source, std::uint64_t events);
    void processed(Source source, std::uint64_t events);
    void rejected(std::optional<Source> source, RejectionCode code);
    /// They wait in the spool; processed() follows when they are published.
    void spooled(const Cargo& cargo);
    /// Neither JetStream nor the spool took them.
    void refused(Source source, std::uint64_t events);
    void unreachable(Source source, std::uint64_t events);
    void dead_lettered(std::optional<Source> source, RejectionCode code);
    /// An invalid event or body is nowhere but with its sender.
    void dead_letter_lost(std::optional<Source> source, RejectionCode code);
    /// An event that was spooled is too large for the broker, and a dead letter now.
    void given_up();

    void request_done(const logging::RequestIds& ids, const Summary& summary);
    void request_not_stored(const logging::RequestIds& ids, const Summary& summary,
                            std::string_view why);
    void body_malformed(const logging::RequestIds& ids, std::string_view why);

  private:
    struct PerSource {
        metrics::Counter* unknown = nullptr;  ///< of events of which not even that could be read
        BySource<metrics::Counter*> known{};

        [[nodiscard]] metrics::Counter& operator[](std::optional<Source> source) const noexcept {
            return source ? *known[*source] : *unknown;
        }
    };

    PerSource counters(const char* name, const char* help, metrics::Labels labels = {});

    logging::Logger log_;
    metrics::Registry& metrics_;
    PerSource accepted_;
    PerSource processed_;
    PerSource spooled_;
    PerSource refused_;
    PerSource unreachable_;
    std::map<RejectionCode, PerSource> failed_;
    std::map<RejectionCode, PerSource> dead_lettered_;
    std::map<RejectionCode, PerSource> dead_letters_lost_;
};

}  // namespace events::gateway
