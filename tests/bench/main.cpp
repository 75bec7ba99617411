// The benchmark of the suite. scripts/bench builds and runs it and says how to use it.

#include "bench.hpp"
#include "machine.hpp"
#include "quick.hpp"
#include "suite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace events::bench {
namespace {

struct Section {
    std::string_view name;
    std::string_view summary;
    bool by_default;
    void (*measure)(Bench&);
};

constexpr std::array<Section, 9> kSections{{
    {"ceilings", "the bare libraries and servers with our data", true, &measure_ceilings},
    {"gateway", "the gateway alone: POSTs of 1 to 50,000 events", true, &measure_gateway},
    {"collectors", "draining what waits in the streams", true, &measure_collectors},
    {"sustained", "the highest rate from end to end without a growing backlog", true,
     &measure_sustained},
    {"full-load", "the publisher's full load, and all reports meanwhile: --seconds", true,
     &measure_full_load},
    {"endurance", "a steady rate, and all reports meanwhile: --rate, --seconds", false,
     &measure_endurance},
    {"delay", "from the POST to the row being visible", true, &measure_delay},
    {"start", "start-up times and idle memory", true, &measure_start},
    {"growth", "the collectors' rate over rows of the same day: 0, 1 M, 3 M; --long: 10 M, 100 M",
     false, &measure_growth},
}};

enum class Mode { measure, list, quick, record };

struct Arguments {
    Mode mode = Mode::measure;
    Settings settings;
    std::filesystem::path output;
    std::vector<const Section*> sections;
};

template <typename Number>
Number to_number(std::string_view name, std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number <= 0) {
        throw std::invalid_argument{fmt::format("{} is no number for {}", text, name)};
    }
    return number;
}

Arguments parse(const std::vector<std::string_view>& words) {
    Arguments arguments;
    for (auto word = words.begin(); word != words.end(); ++word) {
        const auto value = [&, name = *word] {
            if (++word == words.end()) throw std::invalid_argument{fmt::format("{} what?", name)};
            return *word;
        };
        if (*word == "--list") {
            arguments.mode = Mode::list;
        } else if (*word == "--quick") {
            arguments.mode = Mode::quick;
        } else if (*word == "--record") {
            arguments.mode = Mode::record;
        } else if (*word == "--long") {
            arguments.settings.long_form = true;
        } else if (*word == "--runs") {
            arguments.settings.runs = to_number<int>("--runs", value());
        } else if (*word == "--seconds") {
            arguments.settings.seconds = to_number<double>("--seconds", value());
        } else if (*word == "--rate") {
            arguments.settings.rate = to_number<double>("--rate", value());
        } else if (*word == "--output") {
            arguments.output = value();
        } else {
            const auto* section = std::ranges::find(kSections, *word, &Section::name);
            if (section == kSections.end()) {
                throw std::invalid_argument{fmt::format("there is no section {}", *word)};
            }
            arguments.sections.push_back(section);
        }
    }
    if (arguments.sections.empty()) {
        for (const auto& section : kSections) {
            if (section.by_default) arguments.sections.push_back(&section);
        }
    }
    return arguments;
}

int list() {
    for (const auto& section : kSections) {
        fmt::print("{:12} {}{}\n", section.name, section.summary,
                   section.by_default ? "" : " (only by name)");
    }
    return EXIT_SUCCESS;
}

int measure(const Arguments& arguments) {
    Bench bench{arguments.settings};
    const auto machine = describe_machine(bench.cluster);
    fmt::print("{}\n", describe(machine));
    bool complete = true;
    for (const auto* section : arguments.sections) {
        try {
            section->measure(bench);
        } catch (const std::exception& error) {  // what the others found is worth having
            Case failed{std::string{section->name}, "FAILED"};
            failed.note(error.what());
            bench.results.add(std::move(failed));
            complete = false;
        }
    }
    fmt::print("{}", bench.results.table());
    if (!arguments.output.empty()) {
        write_json(arguments.output,
                   {{"machine", machine},
                    {"settings",
                     {{"runs", arguments.settings.runs}, {"long", arguments.settings.long_form}}},
                    {"results", bench.results.json()}});
        fmt::print("\nalso in {}\n", arguments.output.string());
    }
    return complete ? EXIT_SUCCESS : EXIT_FAILURE;
}

int run(const Arguments& arguments) {
    switch (arguments.mode) {
        case Mode::list:
            return list();
        case Mode::quick:
            return compare_with_baseline(arguments.settings.runs);
        case Mode::record:
            return record_baseline(arguments.settings.runs);
        case Mode::measure:
            break;
    }
    return measure(arguments);
}

}  // namespace

Bench::Bench(Settings chosen) : settings{chosen}, cluster{shipped_postgres_settings()} {}

}  // namespace events::bench

int main(int argc, char** argv) {
    try {
        return events::bench::run(events::bench::parse({argv + 1, argv + argc}));
    } catch (const std::invalid_argument& error) {
        fmt::print(stderr, "bench: {}\n", error.what());
        return 2;
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench: {}\n", error.what());
        return 1;
    }
}
