#include "common/postgres/connection.hpp"
#include "common/postgres/segment_store.hpp"
#include "common/service/command_line.hpp"
#include "common/service/standard_descriptors.hpp"
#include "verify/command_line.hpp"
#include "verify/partition_check.hpp"
#include "verify/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <random>
#include <span>

namespace {

using namespace events;
using postgres::PartitionState;

constexpr service::Description kDescription{"events-verify", "segments against rows"};

bool concerns(const verify::CommandLine& line, const PartitionState& partition) {
    if (line.source && partition.source != *line.source) return false;
    if (!line.day) return true;
    const auto begin = std::chrono::microseconds{line.day->time_since_epoch()}.count();
    const auto end = begin + std::chrono::microseconds{std::chrono::days{1}}.count();
    return partition.first < end && partition.until > begin;
}

/// Each partition in a snapshot of its own: one that is held for long keeps what is deleted.
verify::ExitCode run(const verify::CommandLine& line, postgres::Connection& database) {
    const auto schema = database.options().schema;
    const auto all = database.read(
        [](pqxx::transaction_base& transaction) { return postgres::read_partitions(transaction); });
    std::random_device random;
    const segments::Seed seed{.first = random() | std::uint64_t{random()} << 32,
                              .second = random() | std::uint64_t{random()} << 32};
    bool is_any = false;
    bool is_equal = true;
    for (const auto& listed : all) {
        if (!concerns(line, listed)) continue;
        database.read([&](pqxx::transaction_base& transaction) {
            const auto now = postgres::read_partitions(transaction);
            const auto found = std::ranges::find(now, listed.partition, &PartitionState::partition);
            if (found == now.end()) return;  // it was detached meanwhile
            const auto outcome = verify::check_partition(transaction, *found, seed);
            std::cout << verify::format_outcome(outcome, schema) << std::flush;
            is_any = true;
            is_equal = is_equal && outcome.is_equal();
        });
    }
    if (!std::cout) {
        std::cerr << "events-verify: what was found could not be written\n";
        return verify::kTrouble;
    }
    if (is_any) return is_equal ? verify::kEqual : verify::kDifferent;
    std::cerr << "events-verify: no partition has such events\n";
    return verify::kTrouble;
}

}  // namespace

int main(int argc, char** argv) {
    service::open_standard_descriptors();
    const std::span<const char* const> arguments{argv, static_cast<std::size_t>(argc)};
    const auto line = verify::parse_command_line(arguments.subspan(argc > 0 ? 1 : 0));
    if (!line) {
        std::cerr << "events-verify: " << line.error() << "; events-verify --help tells more\n";
        return verify::kTrouble;
    }
    if (line->action == verify::Action::version) {
        std::cout << service::version_text(kDescription) << "\n";
        return verify::kEqual;
    }
    const auto environment = config::Environment::of_process();
    config::EnvReader read{environment};
    auto options = postgres::read_options(read, "events-verify");
    if (line->action == verify::Action::help) {
        std::cout << verify::help_text(read.variables());
        return verify::kEqual;
    }
    for (const auto& problem : read.problems()) std::cerr << "events-verify: " << problem << "\n";
    if (!read.problems().empty()) return verify::kTrouble;
    for (const auto& warning : read.warnings()) {
        std::cerr << "events-verify: warning: " << warning << "\n";
    }
    try {
        postgres::Connection database{std::move(options), {}};
        return run(*line, database);
    } catch (const std::exception& error) {
        std::cerr << "events-verify: " << error.what() << "\n";
        return verify::kTrouble;
    }
}
