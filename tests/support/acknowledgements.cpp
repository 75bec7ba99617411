#include "support/acknowledgements.hpp"

#include "common/nats/handles.hpp"

#include <boost/algorithm/string/split.hpp>

#include <memory>

namespace events::test {
namespace {

using ConnectionHandle =
    std::unique_ptr<natsConnection, nats::DestroyWith<&natsConnection_Destroy>>;

constexpr std::int64_t kFlushPatienceMs = 60'000;

std::uint64_t deliveries_of(const std::string& subject) {
    constexpr std::size_t kToken = 4;
    std::vector<std::string> tokens;
    boost::algorithm::split(tokens, subject, [](char c) { return c == '.'; });
    return std::stoull(tokens.at(kToken));
}

}  // namespace

struct Acknowledgements::Subscription {
    ConnectionHandle connection;
    nats::SubscriptionHandle handle;
};

Acknowledgements::Acknowledgements(const std::string& nats_url, const std::string& stream,
                                   const std::string& consumer)
    : subscription_(std::make_unique<Subscription>()) {
    natsConnection* connection = nullptr;
    nats::check(natsConnection_ConnectTo(&connection, nats_url.c_str()),
                "natsConnection_ConnectTo");
    subscription_->connection.reset(connection);
    const auto subject = "$JS.ACK." + stream + "." + consumer + ".>";
    natsSubscription* handle = nullptr;
    nats::check(natsConnection_SubscribeSync(&handle, connection, subject.c_str()),
                "natsConnection_SubscribeSync");
    subscription_->handle.reset(handle);
    nats::check(natsConnection_FlushTimeout(connection, kFlushPatienceMs),
                "natsConnection_FlushTimeout");
}

Acknowledgements::~Acknowledgements() = default;

const std::vector<Acknowledgements::Acknowledgement>& Acknowledgements::seen() {
    natsMsg* raw = nullptr;
    while (natsSubscription_NextMsg(&raw, subscription_->handle.get(), 0) == NATS_OK) {
        const nats::MessageHandle message{raw};
        seen_.push_back(
            {deliveries_of(natsMsg_GetSubject(raw)),
             {natsMsg_GetData(raw), static_cast<std::size_t>(natsMsg_GetDataLength(raw))}});
    }
    return seen_;
}

}  // namespace events::test
