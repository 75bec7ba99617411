#include "bench.hpp"
#include "drain.hpp"
#include "growth.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace events::bench {
namespace {

constexpr std::uint64_t kMillion = 1'000'000;

}  // namespace

void measure_growth(Bench& bench) {
    const std::uint64_t events = bench.settings.long_form ? kMillion : kMillion / 5;
    Suite suite{bench.cluster};
    suite.prepare();
    std::uint64_t expected = 0;
    double rate_when_empty = 0;
    for (const auto millions : {0U, 1U, 3U}) {
        const auto stored = millions * (bench.settings.long_form ? 10 : 1) * kMillion;
        if (stored > expected) {
            add_rows(suite.database(), stored - expected);
            expected = suite.stack().stored_rows();
        }
        Case measured{"growth", fmt::format("{} M rows, a tenth of them today", stored / kMillion)};
        for (int run = 0; run < bench.settings.runs; ++run) {
            expected += fill(suite, events);
            const auto figures = drain(suite, {Source::facebook, Source::tiktok}, 1);
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
