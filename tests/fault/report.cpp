#include "report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace events::test {
namespace {

constexpr std::size_t kShown = 20;

double seconds(std::chrono::milliseconds duration) {
    return std::chrono::duration<double>{duration}.count();
}

/// The median and the worst of one of the times, as a cell of the table.
std::string spread(const std::vector<Recovery>& recoveries,
                   std::chrono::milliseconds (*time)(const Recovery&)) {
    std::vector<std::chrono::milliseconds> times;
    for (const auto& recovery : recoveries) times.push_back(time(recovery));
    std::ranges::sort(times);
    return fmt::format("{:.1f} / {:.1f}", seconds(times[times.size() / 2]), seconds(times.back()));
}

void list(std::string& text, std::string_view what, const std::vector<std::string>& items) {
    if (items.empty()) return;
    fmt::format_to(std::back_inserter(text), "{} ({}):\n", what, items.size());
    for (std::size_t i = 0; i < std::min(items.size(), kShown); ++i) {
        fmt::format_to(std::back_inserter(text), "    {}\n", items[i]);
    }
}

}  // namespace

std::string format_report(const RunReport& report) {
    auto text = fmt::format(
        "\n{:<16} {:>8}   {:>14} {:>14} {:>14}   seconds after its end, "
        "median / worst\n",
        "fault", "injected", "201 again", "all ready", "drained");
    for (const auto& [kind, recoveries] : report.recoveries) {
        fmt::format_to(std::back_inserter(text), "{:<16} {:>8}   {:>14} {:>14} {:>14}\n", kind,
                       recoveries.size(),
                       spread(recoveries, [](const auto& r) { return r.accepting; }),
                       spread(recoveries, [](const auto& r) { return r.ready; }),
                       spread(recoveries, [](const auto& r) { return r.drained; }));
    }
    const auto& verdict = report.verdict;
    fmt::format_to(std::back_inserter(text),
                   "\nevents: {} sent, {} acknowledged, {} stored, {} dead-lettered, {} erased; {} "
                   "lost, {} doubled, {} not erased, {} invented, {} misplaced\n{} restarts by the "
                   "supervisor, {} figures of the reporter differ from a recount\n",
                   verdict.sent, verdict.acknowledged, verdict.stored, verdict.dead_lettered,
                   verdict.erased, verdict.lost.size(), verdict.doubled.size(),
                   verdict.unerased.size(), verdict.invented.size(), verdict.misplaced.size(),
                   report.restarts, verdict.wrong_sums.size());
    if (report.upkeep.erasures + report.upkeep.dropped_days > 0) {
        fmt::format_to(std::back_inserter(text), "beside the faults {} erasures, {} days dropped\n",
                       report.upkeep.erasures, report.upkeep.dropped_days);
    }
    list(text, "lost", verdict.lost);
    list(text, "doubled", verdict.doubled);
    list(text, "erased, and still there", verdict.unerased);
    list(text, "invented", verdict.invented);
    list(text, "misplaced", verdict.misplaced);
    list(text, "dead letters without a reason", verdict.unreasoned);
    list(text, "figures that differ", verdict.wrong_sums);
    list(text, "complaints", report.complaints);
    return text;
}

}  // namespace events::test
