// The plan past one machine: how many of each part a load needs, from measured unit costs, and
// whether a simulation with the same costs reproduces what was measured of one machine.
//
//   bench_scaling [FILE]      the measurements; default: the sample beside the sources
//
// Exit status: 0; 1 when a simulated figure differs by more than 20 %; 2 for an unusable file.

#include "checks.hpp"
#include "measurements.hpp"
#include "report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>

namespace {

using namespace events::bench::scaling;

constexpr int kDiffers = 1;
constexpr int kUnusable = 2;

nlohmann::json read_json(const std::string& path) {
    std::ifstream file{path};
    if (!file) throw std::runtime_error{path + " can not be read"};
    return nlohmann::json::parse(file);
}

}  // namespace

int main(int argc, char** argv) try {
    const auto measured = read_measurements(read_json(argc > 1 ? argv[1] : EVENTS_MEASURED_JSON));
    if (!measured) {
        for (const auto& problem : measured.error()) fmt::print(stderr, "{}\n", problem);
        return kUnusable;
    }
    fmt::print("## What a load needs\n\n{}\n", capacity_table(*measured));
    fmt::print("## One machine, simulated\n\n{}\n", machine_table(*measured));
    const auto checks = check_all(*measured);
    fmt::print("## Simulated and measured\n\n{}", check_table(checks));
    return std::ranges::all_of(checks, agrees) ? 0 : kDiffers;
} catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return kUnusable;
}
