// The configuration of every daemon from lines of NAME=value: what is refused is told in one line
// each, and quotes no secret; what is accepted lies in its bounds.

#include "common/config/env_reader.hpp"
#include "common/http/client.hpp"
#include "common/nats/server_list.hpp"
#include "common/postgres/connection_string.hpp"
#include "common/service/collector_daemon.hpp"
#include "common/sources/facebook.hpp"
#include "gateway/config.hpp"
#include "publisher/config.hpp"
#include "reporter/config.hpp"
#include "target.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace events::fuzz {
namespace {

constexpr std::string_view kPassword = "hunter2hunter2";

/// A variable for each line; without files, which could be any of this machine's.
config::Environment environment_of(std::string_view text) {
    std::map<std::string, std::string, std::less<>> variables;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const auto name = line.substr(0, line.find('='));
        if (name.ends_with("_FILE") || name.size() == line.size()) continue;
        variables.insert_or_assign(std::string{name}, std::string{line.substr(name.size() + 1)});
    }
    return config::Environment{std::move(variables)};
}

void check_problems(const config::EnvReader& read) {
    for (const auto& problem : read.problems()) {
        const bool one_line = std::ranges::none_of(
            problem, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
        require(one_line, "a problem is one line");
        const bool of_a_url = problem.starts_with("NATS_URL") ||
                              problem.starts_with("DATABASE_URL") ||
                              problem.starts_with("EVENT_ENDPOINT");
        require(!of_a_url || problem.find(kPassword) == std::string::npos,
                "no problem quotes a secret");
    }
}

void check_daemons(std::string_view text) {
    const auto environment = environment_of(text);
    config::EnvReader gateway{environment};
    const auto taken = gateway::read_config(gateway);
    check_problems(gateway);
    require(taken.max_body_bytes >= 1024 && taken.worker_threads >= 1, "numbers lie in bounds");
    require(taken.http.max_header_bytes >= 1024 && taken.http.max_connections >= 1,
            "limits are limits");
    if (gateway.problems().empty()) {
        require(taken.in_flight.max_bytes >= taken.max_body_bytes, "one body can be taken");
    }
    config::EnvReader reporter{environment};
    (void)reporter::read_config(reporter);
    check_problems(reporter);
    config::EnvReader collector{environment};
    (void)service::read_collector_config(collector, kFacebook, 3002);
    check_problems(collector);
    config::EnvReader publisher{environment};
    (void)publisher::read_config(publisher);
    check_problems(publisher);
}

void check_addresses(std::string_view text) {
    const auto servers = nats::parse_server_list(text);
    if (servers) {
        require(!servers->empty(), "a list has a server");
        for (const auto& server : *servers) {
            require(server.starts_with("nats://") || server.starts_with("tls://"),
                    "a server is a URL");
            require(nats::without_credentials(server).find('@') == std::string::npos,
                    "a shown address has no credentials");
        }
    }
    const auto endpoint = http::parse_endpoint(text);
    if (endpoint) {
        require(!endpoint->host.empty() && endpoint->port != 0, "an endpoint has host and port");
        require(endpoint->target.starts_with('/'), "a target is a path");
        require(std::ranges::none_of(endpoint->target,
                                     [](char c) { return static_cast<unsigned char>(c) <= ' '; }),
                "a target fits a request line");
    }
    const auto database = postgres::parse_connection_parameters(std::string{text});
    if (database) {
        const auto given = postgres::connection_string(*database, {{"dbname", "events"}});
        const auto again = postgres::parse_connection_parameters(given);
        require(again && postgres::connection_string(*again, {}) == given,
                "what libpq is given reads as what was read");
    }
}

}  // namespace
}  // namespace events::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = events::fuzz::text_of(data, size);
    events::fuzz::check_daemons(text);
    events::fuzz::check_addresses(text);
    return 0;
}
