#include "erase/report.hpp"
#include "erase/rewrite.hpp"
#include "erase/start.hpp"

#include <fmt/format.h>

#include <span>

namespace {

using namespace events;
using erase::Action;
using erase::ExitCode;

ExitCode erase_persons(const erase::CommandLine& line, const erase::Systems& systems,
                       const std::vector<erase::Person>& persons, dlq::Console& console) {
    const auto outcome = erase::erase(
        systems, persons,
        {.sources = line.sources(), .occasion = line.occasion, .tell = [&](std::string_view what) {
             console.err << fmt::format("events-erase: {}\n", what) << std::flush;
         }});
    console.out << erase::erased_text(outcome, line.json) << std::flush;
    if (!outcome.is_complete) return erase::kIncomplete;
    if (line.now && !erase::rewrite_segments(systems.database.options(), outcome.partitions,
                                             persons, systems.interrupted)) {
        console.err << "events-erase: segments still have bytes of them: the collectors write them "
                       "anew within an hour\n";
        return erase::kIncomplete;
    }
    return erase::kDone;
}

ExitCode run(const erase::CommandLine& line, const erase::Systems& systems,
             const std::vector<erase::Person>& persons, dlq::Console& console) {
    if (line.action == Action::ledger) {
        console.out << erase::ledger_text(erase::Ledger{systems.database}.lines(persons),
                                          line.json);
    } else if (line.action == Action::erase) {
        if (const auto code = erase_persons(line, systems, persons, console)) return code;
    } else {
        const bool is_check = line.action == Action::check;
        const auto inventory = erase::take_inventory(systems, persons, line.sources());
        console.out << erase::inventory_text(inventory, is_check, line.json);
        if (!inventory.is_complete || (is_check && inventory.any())) return erase::kIncomplete;
    }
    console.out << std::flush;
    return console.out.good() ? erase::kDone : erase::kIncomplete;
}

}  // namespace

int main(int argc, char** argv) {
    const std::span<const char* const> arguments{argv, static_cast<std::size_t>(argc)};
    return erase::start(erase::Program::erase, "events-erase", "removes persons",
                        arguments.subspan(argc > 0 ? 1 : 0), &run);
}
