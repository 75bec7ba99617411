// The plan past one machine: how many of each part a load needs, from measured unit costs.
//
//   bench_scaling [FILE]      the measurements; default: the sample beside the sources
//
// Exit status: 0, or 2 for an unusable file.

#include "measurements.hpp"
#include "report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>

namespace {

using namespace events::bench::scaling;

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
    fmt::print("{}", capacity_table(*measured));
    return 0;
} catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return kUnusable;
}
