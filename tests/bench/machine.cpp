#include "machine.hpp"

#include "common/build_info/build_info.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>

#include <sys/utsname.h>
#include <sys/vfs.h>

#include <filesystem>
#include <sstream>
#include <thread>
#include <vector>

namespace events::bench {
namespace {

std::string processor() {
    std::istringstream lines{test::read_file("/proc/cpuinfo")};
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("model name")) return line.substr(line.find(": ") + 2);
    }
    return "unknown";
}

std::string kernel() {
    utsname names{};
    ::uname(&names);
    return fmt::format("{} {}", names.sysname, names.release);
}

/// Where the servers keep their data. In memory an fsync costs nothing, so that must be told.
std::string file_system(const std::filesystem::path& folder) {
    constexpr long kTmpfs = 0x01021994;
    struct statfs answer {};
    if (::statfs(folder.c_str(), &answer) != 0) return "unknown";
    return answer.f_type == kTmpfs ? "memory (tmpfs): fsync costs nothing here" : "disk";
}

}  // namespace

std::string output_of(std::vector<std::string> command) {
    const test::TemporaryDirectory folder;
    const auto file = folder.path() / "output";
    (void)test::run(
        {.command = std::move(command), .environment = {}, .output = file, .user = std::nullopt});
    const auto text = test::read_file(file);
    return text.substr(0, text.find('\n'));
}

nlohmann::ordered_json describe_machine(const test::PostgresCluster& cluster) {
    const auto ask = [&](const std::string& sql) {
        return test::query(cluster.url("postgres"), sql);
    };
    return {{"processor", processor()},
            {"cores", std::thread::hardware_concurrency()},
            {"kernel", kernel()},
            {"data", file_system(std::filesystem::temp_directory_path())},
            {"nats-server", output_of({"nats-server", "--version"})},
            {"postgres", ask("SHOW server_version")},
            {"durability", ask("SELECT string_agg(name || ' ' || setting, ', ' ORDER BY name) "
                               "FROM pg_settings WHERE name IN "
                               "('fsync', 'full_page_writes', 'synchronous_commit')")},
            {"revision", build_info::revision()},
            {"build", EVENTS_BUILD_TYPE},
            {"cpu time", "user and system, by the kernel's clock of each process, nanoseconds"}};
}

std::string describe(const nlohmann::ordered_json& machine) {
    std::string text;
    for (const auto& [name, value] : machine.items()) {
        text += fmt::format("{:12} {}\n", name,
                            value.is_string() ? value.get<std::string>() : value.dump());
    }
    return text;
}

}  // namespace events::bench
