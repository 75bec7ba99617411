#include "common/collector/collector.hpp"

#include "common/retry/backoff.hpp"
#include "common/retry/pause.hpp"

#include <chrono>
#include <exception>
#include <utility>

namespace events::collector {
namespace {

using namespace std::chrono_literals;

/// How often the writer looks whether the database has to be asked for a sign of life.
constexpr auto kHeartbeatCheck = 200ms;
/// After what should not happen: a lack of memory, most likely.
constexpr auto kFirstPause = 100ms;
constexpr auto kLastPause = 5s;

}  // namespace

Collector::Collector(const CollectorOptions& options, nats::PullConsumer& consumer,
                     nats::Publisher& dead_letters, EventStore& store, health::Indicator& database,
                     Probe& probe, BatchWriter::Prepare prepare,
                     std::function<void(std::string_view)> failed)
    : probe_{probe},
      reader_{options, consumer},
      writer_{options, dead_letters, store, database, handoff_, probe},
      prepare_{std::move(prepare)},
      failed_{std::move(failed)},
      reading_{[this](const std::stop_token& stop) { read(stop); }},
      writing_{[this](const std::stop_token& stop) { write(stop); }} {}

Collector::~Collector() {
    stop();
}

void Collector::stop() {
    reading_.request_stop();
    writing_.request_stop();
    if (reading_.joinable()) reading_.join();
    if (writing_.joinable()) writing_.join();
}

void Collector::read(const std::stop_token& stop) {
    retry::Backoff backoff{kFirstPause, kLastPause};
    while (!stop.stop_requested()) {
        try {
            read_batch(stop);
            backoff.reset();
        } catch (const std::exception& error) {
            // No message is at fault here: those are guarded one by one (Decoder).
            probe_.reading_failed(error.what());
            static_cast<void>(retry::pause(backoff.next(), stop));
        }
    }
    reader_.give_back_prefetched();
}

void Collector::read_batch(const std::stop_token& stop) {
    if (handoff_.held()) {
        reader_.give_back_prefetched();
        handoff_.wait_while_held(stop);
        return;
    }
    auto batch = reader_.read(stop);
    if (batch.items.empty() || handoff_.give(batch, stop)) return;
    // In this order: the broker would send the batch to our own requests again, which end.
    reader_.give_back_prefetched();
    batch.give_back(probe_);
}

void Collector::write(const std::stop_token& stop) {
    try {
        if (!writer_.prepare_store(prepare_, stop)) return;
        handoff_.resume();
        for (;;) {
            if (auto batch = handoff_.take(kHeartbeatCheck, stop)) {
                writer_.write(*batch, stop);
            } else if (stop.stop_requested()) {
                return;
            } else {
                writer_.ping_when_idle();
            }
        }
    } catch (const std::exception& error) {
        failed_(error.what());
    }
}

}  // namespace events::collector
