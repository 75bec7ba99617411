#include "bench.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "drain.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

namespace events::bench {
namespace {

constexpr auto kSection = "collectors";

/// Collectors that work at the same time, and how many processes of each.
struct Team {
    std::string name;
    std::vector<Source> sources;
    int processes;
    bool known_users = false;
};

void add(Case& measured, const DrainFigures& figures) {
    measured.add("events/s", static_cast<double>(figures.events) / figures.seconds);
    measured.add_cpu(figures.cpu, figures.events);
    measured.add("WAL bytes/event",
                 static_cast<double>(figures.wal_bytes) / static_cast<double>(figures.events));
}

void check_rows(Suite& suite, std::uint64_t filled) {
    const auto stored = suite.stack().stored_rows();
    if (stored != filled) {
        throw std::runtime_error{fmt::format("{} events filled in, {} stored", filled, stored)};
    }
}

/// Fills the streams, with users as the first team's, and lets the teams drain them one after
/// another.
void measure(Bench& bench, const std::vector<Team>& teams, std::uint64_t events) {
    std::vector<Case> cases;
    for (const auto& team : teams) {
        cases.emplace_back(kSection,
                           fmt::format("{}, {} each", team.name,
                                       team.processes == 1 ? "1 process" : "2 processes"));
    }
    for (int run = 0; run < bench.settings.runs; ++run) {
        Suite suite{bench.cluster};
        suite.prepare();
        const auto filled = fill(suite, events, teams.front().known_users);
        for (std::size_t i = 0; i < teams.size(); ++i) {
            add(cases[i], drain(suite, teams[i].sources, teams[i].processes));
        }
        check_rows(suite, filled);
    }
    for (auto& measured : cases) {
        measured.compare("events/s", bench.ceilings.insert(), "one insert loop");
        bench.results.add(std::move(measured));
    }
}

}  // namespace

void measure_collectors(Bench& bench) {
    const std::uint64_t events = bench.settings.long_form ? 1'000'000 : 200'000;
    for (const int processes : {1, 2}) {
        measure(
            bench,
            {{"facebook alone", {kFacebook}, processes}, {"tiktok alone", {kTikTok}, processes}},
            events);
        measure(bench, {{"both sources", {kFacebook, kTikTok}, processes}}, events);
    }
    measure(bench, {{"both, known users", {kFacebook, kTikTok}, 1, /*known_users=*/true}}, events);
}

}  // namespace events::bench
