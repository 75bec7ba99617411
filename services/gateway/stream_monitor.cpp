#include "gateway/stream_monitor.hpp"

#include "common/nats/topology.hpp"
#include "common/retry/pause.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace events::gateway {

StreamMonitor::StreamMonitor(nats::Connection& connection, std::chrono::milliseconds interval,
                             logging::Logger log, metrics::Registry& metrics)
    : connection_{connection},
      jetstream_{connection},
      interval_{interval},
      log_{std::move(log)},
      streams_{make(nats::stream_of(Source::facebook), metrics),
               make(nats::stream_of(Source::tiktok), metrics),
               make(nats::kDeadLetterStream, metrics)},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

StreamMonitor::Stream StreamMonitor::make(const std::string& name, metrics::Registry& metrics) {
    const metrics::Labels labels{{"stream", name}};
    return {.name = name,
            .messages = metrics.gauge("stream_messages", "Messages in the stream.", labels),
            .bytes = metrics.gauge("stream_bytes", "Bytes in the stream.", labels),
            .max_bytes = metrics.gauge(
                "stream_max_bytes", "Bytes that the stream may hold; 0: it has no bound.", labels),
            .oldest_age = metrics.gauge(
                "stream_oldest_age_seconds",
                "Since when the stream's oldest message waits; 0: it is empty.", labels)};
}

void StreamMonitor::run(const std::stop_token& stop) {
    do {
        if (!connection_.connected()) continue;
        try {
            for (const auto& stream : streams_) {
                if (stop.stop_requested()) return;
                look(stream);
            }
        } catch (const std::exception& error) {
            log_.debug("the state of the streams is not known", {{"err", error.what()}});
        }
    } while (retry::pause(interval_, stop));
}

void StreamMonitor::look(const Stream& stream) {
    const auto info = jetstream_.stream_info(stream.name).value_or(nats::StreamInfo{});
    std::chrono::duration<double> age{0};
    // A broker's clock that is ahead of ours must not make an age below zero.
    if (info.oldest) age = std::max(age, {std::chrono::system_clock::now() - *info.oldest});
    stream.oldest_age.Set(age.count());
    stream.max_bytes.Set(static_cast<double>(std::max(info.max_bytes, std::int64_t{0})));
    stream.bytes.Set(static_cast<double>(info.bytes));
    stream.messages.Set(static_cast<double>(info.messages));
}

}  // namespace events::gateway
