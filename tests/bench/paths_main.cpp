// The daemons' hot paths without their servers' threads and clocks, for counting instructions:
// `bench --quick` runs it under callgrind with two numbers of rounds, whose difference is the
// path alone. The events are the same at each run.
//
//   bench_paths gateway ROUNDS                 parse, pack, name and compress 1,000 events
//   bench_paths SOURCE ROUNDS DATABASE_URL      decompress, decode and store 1,000 events

#include "common/collector/decoder.hpp"
#include "common/collector/event_table.hpp"
#include "common/events/message_encoding.hpp"
#include "common/events/parser.hpp"
#include "common/nats/dead_letter.hpp"
#include "common/nats/topology.hpp"
#include "gateway/packing.hpp"
#include "paths.hpp"
#include "publisher/event_generator.hpp"

#include <fmt/format.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace events::bench {
namespace {

constexpr std::size_t kEventsPerMessage = 100;
constexpr Timestamp kStart{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

publisher::EventGenerator make_generator() {
    return publisher::EventGenerator{{.seed = 1,
                                      .start_time = kStart,
                                      .min_events = kPathEvents,
                                      .max_events = kPathEvents,
                                      .invalid_ratio = 0,
                                      .count = 0}};
}

void run_gateway(int rounds) {
    auto body = make_generator().next_batch().value().body;
    body.reserve(body.size() + kPadding);
    Parser parser;
    Compressor compressor;
    for (int round = 0; round < rounds; ++round) {
        const auto parsed =
            parser.parse_body(body, BodyFormat::json, {.latest = kStart + std::chrono::days{1}});
        if (!parsed || parsed->accepted.size() != kPathEvents) {
            throw std::runtime_error{"the events are not accepted"};
        }
        gateway::pack(parsed->accepted, kEventsPerMessage, nats::kMaxMessageBytes,
                      [&](const gateway::PackedMessage& packed) {
                          if (nats::message_id({packed.payload}).empty())
                              throw std::runtime_error{"no id"};
                          if (compressor.compress(packed.payload).empty())
                              throw std::runtime_error{"not compressed"};
                      });
    }
}

/// Messages of one source as the gateway packs them.
std::vector<std::shared_ptr<collector::Item>> make_messages(Source source) {
    std::vector<std::shared_ptr<collector::Item>> messages;
    auto generator = make_generator();
    for (std::size_t packed = 0; packed < kPathEvents;) {
        const auto batch = generator.next_batch().value();
        for (std::size_t i = 0; i < batch.events() && packed < kPathEvents; ++i) {
            if (!batch.event_id(i).starts_with(source.id_prefix())) continue;
            if (packed++ % kEventsPerMessage == 0) {
                messages.push_back(std::make_shared<collector::Item>());
                messages.back()->envelope = {.correlation_id = "bench", .received_at = kStart};
            }
            append_line(messages.back()->payload, batch.event(i));
        }
    }
    return messages;
}

/// As they come from the broker.
std::vector<std::string> compressed(const std::vector<std::shared_ptr<collector::Item>>& messages) {
    std::vector<std::string> payloads;
    Compressor compressor;
    for (const auto& message : messages) {
        payloads.emplace_back(compressor.compress(message->payload));
    }
    return payloads;
}

void run_collector(Source source, int rounds, const std::string& url) {
    const auto messages = make_messages(source);
    const auto payloads = compressed(messages);
    Decompressor decompressor;
    collector::EventTable store{{.url = config::Secret{url}, .application_name = "bench"}, source};
    collector::Decoder decoder{source, {}};
    for (int round = 0; round < rounds; ++round) {
        collector::Batch batch;
        for (std::size_t i = 0; i < messages.size(); ++i) {
            const auto& item = messages[i];
            item->payload =
                decompressor.plain(payloads[i], kZstd, nats::kMaxMessageBytes, kPadding).value();
            collector::IncomingMessage message{item};
            if (decoder.fits(message, batch)) decoder.decode(message, batch);
        }
        auto& events = batch.events;
        for (auto& each : events) each.event.timestamp += std::chrono::minutes{round};  // others
        if (events.size() != kPathEvents) throw std::runtime_error{"not all are events"};
        if (store.store(events) != events.size()) throw std::runtime_error{"not all are new"};
    }
}

void run(const std::vector<std::string>& arguments) {
    const auto& path = arguments.at(0);
    const auto rounds = std::stoi(arguments.at(1));
    if (path == "gateway") {
        run_gateway(rounds);
    } else if (const auto source = find_source(path)) {
        run_collector(*source, rounds, arguments.at(2));
    } else {
        throw std::runtime_error{"no path " + path};
    }
}

}  // namespace
}  // namespace events::bench

int main(int argc, char** argv) {
    try {
        events::bench::run({argv + 1, argv + argc});
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench_paths: {}\n", error.what());
        return 1;
    }
}
