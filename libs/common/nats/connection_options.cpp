#include "common/config/env_reader.hpp"
#include "common/nats/connection.hpp"
#include "common/nats/server_list.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace events::nats {
namespace {

/// One token of a subject: the API's subjects have it in them.
std::string read_domain(config::EnvReader& read) {
    auto domain = read.text("NATS_JS_DOMAIN", "",
                            "the JetStream domain that has the streams, e.g. a leaf node's; empty: "
                            "the server's own");
    const auto is_allowed = [](unsigned char c) {
        return c > ' ' && c < 0x7f && c != '.' && c != '*' && c != '>';
    };
    if (!std::ranges::all_of(domain, is_allowed)) {
        read.problem("NATS_JS_DOMAIN", domain,
                     "the name of a JetStream domain, without . * > or blanks");
    }
    return domain;
}

}  // namespace

ConnectionOptions read_connection_options(config::EnvReader& read, std::string name) {
    ConnectionOptions options{.url = read.secret("NATS_URL", "nats://127.0.0.1:4222",
                                                 "NATS servers, separated by commas"),
                              .name = std::move(name)};
    options.jetstream_domain = read_domain(read);
    options.files = read_credential_files(read);
    if (const auto servers = parse_server_list(options.url.reveal()); !servers) {
        read.problem("NATS_URL", "***", "a list of NATS servers: " + servers.error());
    }
    return options;
}

std::string shown_servers(const ConnectionOptions& options) {
    const auto servers = parse_server_list(options.url.reveal());
    if (!servers) return "NATS";
    std::string shown;
    for (const auto& server : *servers) {
        if (!shown.empty()) shown += ", ";
        shown += without_credentials(server);
    }
    return shown;
}

}  // namespace events::nats
