#include "paths.hpp"

#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <stdexcept>

namespace events::bench {
namespace {

/// All instructions that the program executes with so many rounds.
std::uint64_t count_all(const std::string& path, int rounds, const std::string& database) {
    const test::TemporaryDirectory folder;
    const auto counts = folder.path() / "callgrind.out";
    const auto log = folder.path() / "log";
    test::ProcessOptions options{
        .command = {"valgrind", "--tool=callgrind", "--callgrind-out-file=" + counts.string(),
                    (test::bin_directory() / "bench_paths").string(), path, std::to_string(rounds)},
        .environment = {},
        .output = log,
        .user = std::nullopt};
    if (!database.empty()) options.command.push_back(database);
#ifdef __x86_64__
    // Else simdjson would take the best that each machine has.
    options.environment["SIMDJSON_FORCE_IMPLEMENTATION"] = "westmere";
#endif
    const auto status = test::run(options);
    const auto text = test::read_file(counts);
    constexpr std::string_view kTotals = "\ntotals: ";
    const auto totals = text.find(kTotals);
    if (status.code != 0 || totals == std::string::npos) {
        throw std::runtime_error{"valgrind failed: " + test::read_file(log)};
    }
    return std::stoull(text.substr(totals + kTotals.size()));
}

}  // namespace

double count_instructions(const std::string& path, const std::string& database) {
    // The first rounds have caches to fill, and a collector's stores rows.
    constexpr int kFew = 2;
    constexpr int kMore = 6;
    const auto few = count_all(path, kFew, database);
    const auto more = count_all(path, kMore, database);
    return static_cast<double>(more - few) / static_cast<double>((kMore - kFew) * kPathEvents);
}

}  // namespace events::bench
