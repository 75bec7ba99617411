#include "common/collector/backlog_monitor.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

namespace events::collector {

BacklogMonitor::BacklogMonitor(nats::Connection& connection, nats::ConsumerConfig consumer,
                               std::chrono::milliseconds interval, logging::Logger log,
                               metrics::Registry& metrics)
    : connection_{connection},
      jetstream_{connection},
      consumer_{std::move(consumer)},
      interval_{interval},
      log_{std::move(log)},
      pending_{metrics.gauge("consumer_pending_messages",
                             "Messages in the stream that no collector has yet.")},
      unacknowledged_{metrics.gauge("consumer_unacknowledged_messages",
                                    "Messages that collectors have and did not acknowledge yet.")},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void BacklogMonitor::run(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock{mutex};
    do {
        if (!connection_.connected()) continue;
        try {
            look();
        } catch (const std::exception& error) {  // nats::Error, or an answer of another shape
            log_.debug("the backlog is not known", {{"err", error.what()}});
        }
    } while (!never.wait_for(lock, stop, interval_, [] { return false; }) &&
             !stop.stop_requested());
}

void BacklogMonitor::look() {
    const auto info = jetstream_.consumer_info(consumer_.stream, consumer_.durable);
    if (!info) return;
    pending_.Set(static_cast<double>(info->pending));
    unacknowledged_.Set(static_cast<double>(info->unacknowledged));
    if (!is_stuck(*info)) return;
    log_.error("messages are in the stream that its consumer never delivers; it is made anew",
               {{"consumer", consumer_.durable}, {"sequence", suspect_}});
    jetstream_.renew_consumer(consumer_);
    suspect_ = 0;
}

/// What is acknowledged is gone from a work queue, and what is not is either on its way or about to
/// be. At a second look too, since a message goes a moment after its acknowledgement.
bool BacklogMonitor::is_stuck(const nats::ConsumerInfo& consumer) {
    const auto stream = jetstream_.stream_info(consumer_.stream);
    const bool idle = consumer.pending == 0 && consumer.unacknowledged == 0;
    const bool stale = stream && stream->messages > 0 &&
                       (idle || stream->first_sequence <= consumer.acknowledged_to);
    const auto before = std::exchange(suspect_, stale ? stream->first_sequence : 0);
    return stale && before == suspect_;
}

}  // namespace events::collector
