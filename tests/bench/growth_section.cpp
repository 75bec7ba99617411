#include "bench.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "drain.hpp"
#include "growth.hpp"
#include "support/await.hpp"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <vector>

namespace events::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kMillion = 1'000'000;
constexpr auto kPatience = 20min;

/// Lets collectors run until every partition has its segments.
void build_segments(Suite& suite) {
    for (const auto* daemon : {"fb-collector", "ttk-collector"}) suite.start(daemon);
    const bool built = test::await([&] { return is_built(suite.database()); }, kPatience);
    for (const auto* daemon : {"fb-collector", "ttk-collector"}) suite.stop(daemon);
    if (!built) throw std::runtime_error{"segments are not built"};
}

}  // namespace

void measure_growth(Bench& bench) {
    const std::uint64_t events = bench.settings.long_form ? kMillion : kMillion / 5;
    Suite suite{bench.cluster};
    suite.prepare();
    std::uint64_t expected = 0;
    double rate_when_empty = 0;
    const std::vector<std::uint64_t> sizes = bench.settings.long_form
                                                 ? std::vector<std::uint64_t>{0, 10, 100}
                                                 : std::vector<std::uint64_t>{0, 1, 3};
    for (const auto millions : sizes) {
        const auto stored = millions * kMillion;
        if (stored > expected) {
            add_rows(suite.database(), stored - expected);
            expected = suite.stack().stored_rows();
            build_segments(suite);
        }
        Case measured{"growth", fmt::format("{} M rows of the same day", stored / kMillion)};
        for (int run = 0; run < bench.settings.runs; ++run) {
            expected += fill(suite, events);
            const auto figures = drain(suite, {kFacebook, kTikTok}, 1);
            measured.add("events/s", static_cast<double>(figures.events) / figures.seconds);
            measured.add_cpu(figures.cpu, figures.events);
            if (suite.stack().stored_rows() != expected) throw std::runtime_error{"rows are lost"};
        }
        if (stored == 0) rate_when_empty = measured.median("events/s");
        measured.compare("events/s", rate_when_empty, "empty");
        bench.results.add(std::move(measured));
    }
}

}  // namespace events::bench
