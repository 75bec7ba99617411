#include "support/nats_connect.hpp"

#include "common/nats/server_list.hpp"

#include <vector>

namespace events::test {

NatsHandle connect_to_nats(const std::string& url, std::chrono::milliseconds patience) {
    const auto list = nats::parse_server_list(url);
    if (!list) throw nats::Error{url, list.error()};
    std::vector<const char*> servers;
    for (const auto& server : *list) servers.push_back(server.c_str());

    natsOptions* raw_options = nullptr;
    nats::check(natsOptions_Create(&raw_options), "natsOptions_Create");
    const nats::OptionsHandle options{raw_options};
    nats::check(
        natsOptions_SetServers(raw_options, servers.data(), static_cast<int>(servers.size())),
        "natsOptions_SetServers");
    nats::check(natsOptions_SetTimeout(raw_options, patience.count()), "natsOptions_SetTimeout");
    natsConnection* connection = nullptr;
    nats::check(natsConnection_Connect(&connection, raw_options), "natsConnection_Connect");
    return NatsHandle{connection};
}

}  // namespace events::test
