#include "common/config/env_reader.hpp"
#include "common/nats/connection.hpp"
#include "common/nats/server_list.hpp"

#include <utility>

namespace events::nats {

ConnectionOptions read_connection_options(config::EnvReader& read, std::string name) {
    ConnectionOptions options{.url = read.secret("NATS_URL", "nats://127.0.0.1:4222",
                                                 "NATS servers, separated by commas"),
                              .name = std::move(name)};
    options.files = read_credential_files(read);
    if (const auto servers = parse_server_list(options.url.reveal()); !servers) {
        read.problem("NATS_URL", "***", "a list of NATS servers: " + servers.error());
    }
    return options;
}

}  // namespace events::nats
