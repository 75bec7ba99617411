#include "bench.hpp"
#include "load_client.hpp"
#include "suite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace events::bench {
namespace {

constexpr auto kSection = "gateway";

/// Fewer connections where bodies are large: the gateway answers 503 beyond MAX_INFLIGHT_BYTES
/// (128 MiB), and a body of 50,000 events has 22 MB.
constexpr std::array<std::pair<std::size_t, std::size_t>, 16> kCases{{{1, 1},
                                                                      {1, 8},
                                                                      {1, 32},
                                                                      {1, 256},
                                                                      {10, 1},
                                                                      {10, 8},
                                                                      {10, 32},
                                                                      {10, 256},
                                                                      {100, 1},
                                                                      {100, 8},
                                                                      {100, 32},
                                                                      {100, 256},
                                                                      {1'000, 1},
                                                                      {1'000, 8},
                                                                      {1'000, 32},
                                                                      {50'000, 1}}};

/// A POST's events are half of each source, and a message has events of one source, at most 100.
std::size_t events_per_message(std::size_t events_per_post) {
    return std::clamp<std::size_t>(events_per_post / 2, 1, 100);
}

void measure(Bench& bench, std::size_t events, std::size_t connections) {
    Case measured{kSection, fmt::format("{} a POST, {} connections", events, connections)};
    for (int run = 0; run < bench.settings.runs; ++run) {
        Suite suite{bench.cluster};  // new streams: nothing is drained here
        suite.start("gateway");
        const Load load{
            .port = suite.gateway_port(),
            .events_per_post = events,
            .connections = connections,
            .duration = std::chrono::duration<double>{bench.settings.long_form ? 10 : 1}};
        const auto cpu = suite.cpu_times();
        const auto figures = post_events(load);
        auto took = spent(cpu, suite.cpu_times());
        took.erase("postgres");
        add_load(measured, figures);
        measured.add_cpu(took, figures.events);
    }
    const auto publish = bench.ceilings.publish(events_per_message(events));
    const auto http = bench.ceilings.http(events, connections);
    const bool is_http = http < publish;
    measured.compare("events/s", is_http ? http : publish, is_http ? "Beast echo" : "bare publish");
    bench.results.add(std::move(measured));
}

}  // namespace

void measure_gateway(Bench& bench) {
    for (const auto& [events, connections] : kCases) measure(bench, events, connections);
}

}  // namespace events::bench
