#include "support/jetstream_api.hpp"

#include "common/nats/handles.hpp"

#include <nats/nats.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace events::test {
namespace {

using ConnectionHandle =
    std::unique_ptr<natsConnection, nats::DestroyWith<&natsConnection_Destroy>>;

}  // namespace

nlohmann::json jetstream_api(const std::string& nats_url, const std::string& subject,
                             const std::string& body, std::chrono::milliseconds patience) {
    natsConnection* raw_connection = nullptr;
    nats::check(natsConnection_ConnectTo(&raw_connection, nats_url.c_str()),
                "natsConnection_ConnectTo");
    const ConnectionHandle connection{raw_connection};
    natsMsg* raw = nullptr;
    nats::check(natsConnection_RequestString(&raw, raw_connection, subject.c_str(), body.c_str(),
                                             patience.count()),
                subject.c_str());
    const nats::MessageHandle reply{raw};
    return nlohmann::json::parse(natsMsg_GetData(raw),
                                 natsMsg_GetData(raw) + natsMsg_GetDataLength(raw));
}

}  // namespace events::test
