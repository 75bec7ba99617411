#include "gateway/stream_monitor.hpp"

#include "common/nats/error.hpp"
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
      streams_{make_all(metrics)},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

std::vector<StreamMonitor::Stream> StreamMonitor::make_all(metrics::Registry& metrics) {
    std::vector<Stream> streams;
    for (const auto source : sources()) {
        streams.push_back(make(
            source.stream(), source.durable(),
            {{"source", std::string{source.name()}}, {"consumer", source.durable()}}, metrics));
    }
    streams.push_back(make(nats::kDeadLetterStream, "", {}, metrics));
    return streams;
}

StreamMonitor::Stream StreamMonitor::make(const std::string& name, const std::string& durable,
                                          metrics::Labels labels, metrics::Registry& metrics) {
    labels["stream"] = name;
    return {.name = name,
            .durable = durable,
            .lost = metrics.counter("stream_lost_messages_total",
                                    "Messages that went with a deleted or purged stream, as far "
                                    "as they were seen in it.",
                                    labels),
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
        for (auto& stream : streams_) {
            if (stop.stop_requested()) return;
            try {
                look(stream);
            } catch (const std::exception& error) {
                log_.debug("the state of the streams is not known", {{"err", error.what()}});
            }
        }
    } while (retry::pause(interval_, stop));
}

void StreamMonitor::look(Stream& stream) {
    const auto generation = connection_.generation();
    const auto found = jetstream_.stream_info(stream.name);
    const auto info = found.value_or(nats::StreamInfo{});
    std::chrono::duration<double> age{0};
    // A broker's clock that is ahead of ours must not make an age below zero.
    if (info.oldest) age = std::max(age, {std::chrono::system_clock::now() - *info.oldest});
    stream.oldest_age.Set(age.count());
    stream.max_bytes.Set(static_cast<double>(std::max(info.max_bytes, std::int64_t{0})));
    stream.bytes.Set(static_cast<double>(info.bytes));
    stream.messages.Set(static_cast<double>(info.messages));

    std::optional<StreamSnapshot> now;
    if (found) now.emplace(StreamSnapshot{*found, std::nullopt});
    bool is_whole = true;
    try {
        if (found && !stream.durable.empty()) {
            now->consumer = jetstream_.consumer_info(stream.name, stream.durable);
        }
    } catch (const nats::Error&) {  // it may not be ours to ask
        is_whole = false;
    }
    compare(stream, now, is_whole && generation == stream.seen_over);
    stream.last = now;
    stream.seen_over = is_whole ? generation : 0;
}

/// A server that was killed may have forgotten deliveries, which would look like a purge.
void StreamMonitor::compare(Stream& stream, const std::optional<StreamSnapshot>& now,
                            bool same_connection) {
    const bool is_queue = !stream.durable.empty();
    const auto lost = lost_messages(stream.last, now, is_queue && same_connection);
    if (lost == 0) return;
    stream.lost.Increment(static_cast<double>(lost));
    const bool replaced = now && now->stream.created != stream.last->stream.created;
    log_.error("messages went from a stream without that a collector had them",
               {{"stream", stream.name},
                {"messages", lost},
                {"bytesLastSeen", stream.last->stream.bytes},
                {"why", !now       ? "the stream was deleted"
                        : replaced ? "the stream was deleted and made anew"
                                   : "they were purged or deleted"}});
}

}  // namespace events::gateway
