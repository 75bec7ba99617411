// events-faults: the suite under a seeded schedule of faults, checked to the event
// (docs/faults.md).
#include "findings.hpp"
#include "injector.hpp"
#include "options.hpp"
#include "report.hpp"
#include "small_disk.hpp"
#include "suite.hpp"
#include "support/await.hpp"
#include "support/temporary_directory.hpp"
#include "upkeep.hpp"

#include <fmt/format.h>

#include <stdlib.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace events::test;
using Clock = std::chrono::steady_clock;

constexpr auto kUsage =
    "events-faults [--seed N] [--seconds S] [--kinds a,b,c] [--cluster] [--upkeep] [--list]\n"
    "  without --seconds: one brief turn, each kind once\n"
    "  --upkeep: beside the faults a person is erased every 10 s, a day dropped every minute\n";

void say(std::string_view text) {
    std::fputs(fmt::format("{}\n", text).c_str(), stdout);
    std::fflush(stdout);
}

void print_kinds(const RunOptions& options, const std::vector<FaultKind>& kinds) {
    for (const auto& kind : kinds) {
        say(fmt::format("{:<16} {}\n{:<16}   of", kind.name, kind.meaning, ""));
        for (const auto target : kind.targets) say(fmt::format("{:<18} {}", "", target));
    }
    say(fmt::format("\nthe first turn of {}:", options.arguments()));
    Schedule schedule{options.seed, kinds, !options.duration};
    do {
        const auto fault = schedule.next();
        say(fmt::format("    {} {} for {} ms", fault.kind, fault.target, fault.duration.count()));
    } while (!schedule.at_turn());
}

std::filesystem::path make_log_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "events-faults-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"mkdtemp " + name};
    return name;
}

void run_schedule(Suite& suite, const RunOptions& options, const std::vector<FaultKind>& kinds,
                  RunReport& report) {
    Schedule schedule{options.seed, kinds, !options.duration};
    const auto end = Clock::now() + options.duration.value_or(std::chrono::seconds{0});
    do {
        const auto fault = schedule.next();
        if (!await_whole_cluster(suite, say)) {
            report.complaints.push_back(
                fmt::format("the cluster is not whole before {}", fault.kind));
            return;
        }
        std::this_thread::sleep_for(fault.lead);
        inject(suite, fault);
        const auto recovery = await_recovery(suite);
        const auto name =
            fmt::format("{} {} for {} ms", fault.kind, fault.target, fault.duration.count());
        if (!recovery) {
            report.complaints.push_back("no recovery from " + name);
            return;
        }
        say(fmt::format("{:<50} recovered after {:>6} ms", name, recovery->whole().count()));
        report.recoveries[fault.kind].push_back(*recovery);
    } while (options.duration ? Clock::now() < end : !schedule.at_turn());
}

/// Waits until nothing acknowledged is missing, then holds everything against everything.
void check_everything(Suite& suite, const RunOptions& options, RunReport& report) {
    suite.finish_clients();
    Found found;
    const auto look = [&] {
        found.rows = read_rows(suite.stack().database());
        found.dead_letters = read_dead_letters(suite.nats_url());
        const auto sent = suite.ledger().events();
        for (const auto& letter : suite.kept_dead_letters()) {
            const auto event = sent.find(letter.first);
            // An erasure after that could not remove a letter that was gone with its stream.
            if (event != sent.end() && event->second.fate == Fate::erased) continue;
            found.dead_letters.insert(letter);
        }
        return check(sent, found).lost.empty();
    };
    const auto complain = [&](const std::vector<std::string>& more) {
        report.complaints.insert(report.complaints.end(), more.begin(), more.end());
    };
    (void)await(look);
    // Whatever is still on its way (unacknowledged, or twice) has arrived after this.
    if (!await_recovery(suite)) complain({"it does not come to rest"});
    (void)look();
    read_figures(suite.stack(), options.seed, found);
    std::vector<std::string> differences;
    (void)await([&] { return (differences = compare_segments(suite.stack().database())).empty(); });
    complain(differences);
    report.verdict = check(suite.ledger().events(), found);
    report.restarts = suite.supervisor().restarts();
    complain(suite.supervisor().complaints());
    complain(suite.ledger().wrongs());
}

bool can_be_read_only() {
    const TemporaryDirectory folder;
    return SmallDisk{folder.path() / "disk", 1}.can_be_read_only();
}

int run(const RunOptions& options) {
    const bool disks = !options.cluster && own_mounts();
    const bool read_only = disks && can_be_read_only();
    const auto kinds = possible_kinds(options, disks, read_only);
    if (options.list) {
        print_kinds(options, kinds);
        return EXIT_SUCCESS;
    }
    if (kinds.empty()) {
        say("none of these kinds is possible here");
        return EXIT_FAILURE;
    }
    if (!disks && !options.cluster) say("no mounts are allowed here: without full disks");
    if (disks && !read_only) say("this kernel has no immutable folders: without read-only disks");
    const auto folder = make_log_folder();
    say(fmt::format("events-faults {}; logs: {}", options.arguments(), folder.string()));

    RunReport report;
    Suite suite{{.seed = options.seed,
                 .cluster = options.cluster,
                 .disks = disks,
                 .duration = options.duration.value_or(std::chrono::seconds{0})}};
    try {
        std::optional<Upkeep> upkeep;
        if (options.upkeep) upkeep.emplace(suite);
        run_schedule(suite, options, kinds, report);
        if (upkeep) report.upkeep = upkeep->finish();
        std::ranges::copy(report.upkeep.complaints, std::back_inserter(report.complaints));
        check_everything(suite, options, report);
    } catch (const std::exception& error) {
        report.complaints.emplace_back(error.what());
    }
    suite.copy_logs(folder);
    say(format_report(report));
    say(report.good() ? "all is well"
                      : fmt::format("FAILED; again: events-faults {}; logs: {}",
                                    options.arguments(), folder.string()));
    return report.good() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) try {
    const auto options =
        parse_options({argv + 1, argc > 0 ? static_cast<std::size_t>(argc) - 1 : 0});
    if (!options || options->help) {
        say(options ? kUsage : options.error() + "\n" + kUsage);
        return options ? EXIT_SUCCESS : 64;
    }
    return run(*options);
} catch (const std::exception& error) {
    std::fprintf(stderr, "events-faults: %s\n", error.what());
    return EXIT_FAILURE;
}
