#include "support/jetstream_api.hpp"

#include "support/nats_connect.hpp"

#include <nlohmann/json.hpp>

namespace events::test {

nlohmann::json jetstream_api(const std::string& nats_url, const std::string& subject,
                             const std::string& body, std::chrono::milliseconds patience) {
    const auto connection = connect_to_nats(nats_url, patience);
    natsMsg* raw = nullptr;
    nats::check(natsConnection_RequestString(&raw, connection.get(), subject.c_str(), body.c_str(),
                                             patience.count()),
                subject.c_str());
    const nats::MessageHandle reply{raw};
    return nlohmann::json::parse(natsMsg_GetData(raw),
                                 natsMsg_GetData(raw) + natsMsg_GetDataLength(raw));
}

}  // namespace events::test
