#include "common/collector/backlog_monitor.hpp"

#include "common/nats/error.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>

namespace events::collector {

BacklogMonitor::BacklogMonitor(nats::Connection& connection, std::string stream,
                               std::string durable, std::chrono::milliseconds interval,
                               logging::Logger log, metrics::Registry& metrics)
    : connection_{connection},
      jetstream_{connection},
      stream_{std::move(stream)},
      durable_{std::move(durable)},
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
            if (const auto info = jetstream_.consumer_info(stream_, durable_)) {
                pending_.Set(static_cast<double>(info->pending));
                unacknowledged_.Set(static_cast<double>(info->unacknowledged));
            }
        } catch (const nats::Error& error) {
            log_.debug("the backlog is not known", {{"err", error.what()}});
        }
    } while (!never.wait_for(lock, stop, interval_, [] { return false; }) &&
             !stop.stop_requested());
}

}  // namespace events::collector
