#include "bench.hpp"
#include "report_asker.hpp"
#include "suite.hpp"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

namespace events::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr double kMebibyte = 1024.0 * 1024.0;

/// Each second's readings.
struct Watch {
    Samples backlog;
    std::map<std::string, Samples> resident_mib;

    void read(Suite& suite) {
        backlog.add(static_cast<double>(suite.backlog()));
        for (const auto& [process, bytes] : suite.resident_bytes()) {
            resident_mib[process].add(static_cast<double>(bytes) / kMebibyte);
        }
    }
};

/// What the publisher says of its run when it ends.
nlohmann::json publisher_summary(Suite& suite) {
    for (const auto& line : suite.stack().log("publisher")) {
        if (line.contains("sent") && line.contains("lost")) return line;
    }
    throw std::runtime_error{"the publisher left no summary"};
}

void add_watch(Bench& bench, const Watch& watch) {
    Case backlog{"full load, over time", "backlog, messages"};
    const auto add = [](Case& measured, const Samples& samples) {
        measured.add("first third", samples.part(0, 1.0 / 3).median());
        measured.add("last third", samples.part(2.0 / 3, 1).median());
        measured.add("peak", samples.greatest());
    };
    add(backlog, watch.backlog);
    bench.results.add(std::move(backlog));
    for (const auto& [process, samples] : watch.resident_mib) {
        Case resident{"full load, over time", process + ", resident MiB"};
        add(resident, samples);
        bench.results.add(std::move(resident));
    }
}

}  // namespace

void measure_full_load(Bench& bench) {
    Suite suite{bench.cluster};
    suite.start_all();
    const auto cpu = suite.cpu_times();
    const auto wal = suite.wal_bytes();
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::duration_cast<Clock::duration>(
                                 std::chrono::duration<double>{bench.settings.seconds});
    // As scripts/up --full-load does.
    suite.start("publisher", {{"MIN_EVENTS", "1000"},
                              {"MAX_EVENTS", "50000"},
                              {"INTERVAL_MS", "1000"},
                              {"INVALID_RATIO", "0.1"},
                              {"RETRY", "off"}});
    ReportAsker asker{suite.stack().port("reporter")};
    Watch watch;
    for (auto next = begin + 1s; next < end; next += 1s) {
        std::this_thread::sleep_until(next);
        watch.read(suite);
    }
    const auto reports = asker.stop();
    const auto publisher_cpu = suite.cpu_times().at("publisher");
    suite.stop("publisher");
    const std::chrono::duration<double> sending = Clock::now() - begin;
    if (!suite.await_drained(5min)) throw std::runtime_error{"the backlog does not go away"};
    auto spent_cpu = spent(cpu, suite.cpu_times());
    const auto written = static_cast<double>(suite.wal_bytes() - wal);

    const auto summary = publisher_summary(suite);
    const auto sent = summary.at("sent").get<std::uint64_t>();
    const auto saved = summary.at("saved").get<std::uint64_t>();
    const auto stored = suite.stack().stored_rows();
    Case measured{"full load", fmt::format("publisher for {:.0f} s", sending.count())};
    measured.add("events/s", static_cast<double>(sent) / sending.count());
    measured.add("sent", static_cast<double>(sent));
    measured.add("stored", static_cast<double>(stored));
    measured.add("invalid", summary.at("failed").get<double>());
    measured.add("refused or unanswered", summary.at("lost").get<double>());
    measured.add("lost after a 201", static_cast<double>(saved) - static_cast<double>(stored));
    measured.add("WAL bytes/event", written / static_cast<double>(sent));
    spent_cpu["publisher"] = publisher_cpu;
    measured.add_cpu(spent_cpu, sent);
    spent_cpu.erase("publisher");
    measured.add("share of our daemons", share_of_daemons(spent_cpu));
    bench.results.add(std::move(measured));
    add_watch(bench, watch);
    add_reports(bench.results, "full load", reports);
    if (stored != saved) {
        throw std::runtime_error{fmt::format("{} events saved, {} stored", saved, stored)};
    }
}

}  // namespace events::bench
