#include "suite.hpp"

#include "common/nats/topology.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"

#include <fmt/format.h>

#include <regex>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace events::bench {
namespace {

using namespace std::chrono_literals;

/// "name = value" lines; quotes around a value are taken off.
std::vector<std::pair<std::string, std::string>> read_settings(const std::string& file) {
    static const std::regex kSetting{R"(^\s*(\w+)\s*[=:]\s*'?([^'#]*?)'?\s*(#.*)?$)"};
    std::istringstream lines{test::read_file(test::source_directory() / file)};
    std::vector<std::pair<std::string, std::string>> settings;
    for (std::string line; std::getline(lines, line);) {
        if (std::smatch match; std::regex_match(line, match, kSetting)) {
            settings.emplace_back(match[1], match[2]);
        }
    }
    if (settings.empty()) throw std::runtime_error{"no settings in " + file};
    return settings;
}

std::string daemon_of(std::string process) {
    constexpr std::string_view kTwin = "-twin";
    if (process.ends_with(kTwin)) process.resize(process.size() - kTwin.size());
    return process;
}

}  // namespace

std::vector<std::string> shipped_postgres_settings() {
    std::vector<std::string> settings;
    for (const auto& [name, value] : read_settings("deploy/postgres/postgresql.conf")) {
        if (name != "listen_addresses") settings.push_back(name + "=" + value);
    }
    settings.insert(settings.end(), {"fsync=on", "full_page_writes=on", "synchronous_commit=on"});
    return settings;
}

test::NatsServerOptions shipped_nats_options() {
    test::NatsServerOptions options;
    for (const auto& [name, value] : read_settings("deploy/nats/nats-server.conf")) {
        if (name == "max_file_store") options.max_file_store = value;
        if (name == "max_payload") options.extra = fmt::format("max_payload: {}", value);
    }
    return options;
}

Suite::Suite(test::PostgresCluster& cluster)
    : cluster_{cluster}, stack_{cluster, shipped_nats_options(), {}}, broker_{stack_.nats().url()} {
    if (!broker_.connection.wait_connected(10s)) throw std::runtime_error{"no NATS"};
}

Suite::~Suite() {
    try {
        while (!running_.empty()) stop(*running_.begin());
        const auto& url = stack_.database();
        test::query(cluster_.url("postgres"),
                    fmt::format("DROP DATABASE {} WITH (FORCE)", url.substr(url.rfind('/') + 1)));
    } catch (const std::exception& error) {
        fmt::print(stderr, "while stopping the suite: {}\n", error.what());
    }
}

void Suite::start(const std::string& daemon, const test::Variables& variables, bool wait_ready) {
    stack_.start(daemon, variables, wait_ready);
    running_.insert(daemon);
}

void Suite::start_twin(const std::string& daemon) {
    stack_.start_twin(daemon, false);
    running_.insert(daemon + "-twin");
}

void Suite::start_all() {
    for (const auto* daemon : {"gateway", "fb-collector", "ttk-collector", "reporter"}) {
        start(daemon);
    }
}

void Suite::stop(const std::string& daemon) {
    running_.erase(daemon);
    const auto status = stack_.stop(daemon);
    if (status.code != 0) throw std::runtime_error{daemon + " ended badly"};
}

void Suite::prepare() {
    for (const auto* daemon : {"fb-collector", "ttk-collector"}) start(daemon);
    for (const auto* daemon : {"fb-collector", "ttk-collector"}) stop(daemon);
}

CpuTimes Suite::cpu_times() {
    CpuTimes times;
    for (const auto& name : running_) {
        times[daemon_of(name)] += cpu_time(stack_.process(name).pid());
    }
    times["nats-server"] = cpu_time(stack_.nats().pid());
    times["postgres"] = cpu_time_of_family(cluster_.pid());
    return times;
}

std::map<std::string, std::uint64_t> Suite::resident_bytes() {
    std::map<std::string, std::uint64_t> bytes;
    for (const auto& name : running_) {
        bytes[daemon_of(name)] += bench::resident_bytes(stack_.process(name).pid());
    }
    bytes["nats-server"] = bench::resident_bytes(stack_.nats().pid());
    bytes["postgres"] = resident_bytes_of_family(cluster_.pid());
    return bytes;
}

std::uint64_t Suite::wal_bytes() {
    return std::stoull(
        test::query(database(), "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint"));
}

std::uint64_t Suite::backlog() {
    return backlog(kFacebook) + backlog(kTikTok);
}

std::uint64_t Suite::backlog(Source source) {
    const auto stream = broker_.jetstream.stream_info(source.stream());
    return stream ? stream->messages : 0;
}

std::vector<std::uint64_t> Suite::stored_by_collectors() {
    std::vector<std::uint64_t> stored;
    for (const auto& process : running_) {
        for (const auto source : sources()) {
            if (daemon_of(process) != source.durable()) continue;
            const auto series =
                fmt::format("processed_events_total{{source=\"{}\"}}", source.name());
            stored.push_back(static_cast<std::uint64_t>(stack_.metric(process, series)));
        }
    }
    return stored;
}

bool Suite::await_drained(std::chrono::milliseconds patience) {
    return test::await([this] { return backlog() == 0; }, patience);
}

}  // namespace events::bench
