#include "support/acknowledgements.hpp"

#include "support/nats_connect.hpp"

#include <boost/algorithm/string/split.hpp>

namespace events::test {
namespace {

constexpr std::int64_t kFlushPatienceMs = 60'000;

std::uint64_t deliveries_of(const std::string& subject) {
    constexpr std::size_t kToken = 4;
    std::vector<std::string> tokens;
    boost::algorithm::split(tokens, subject, [](char c) { return c == '.'; });
    return std::stoull(tokens.at(kToken));
}

}  // namespace

struct Acknowledgements::Subscription {
    NatsHandle connection;
    nats::SubscriptionHandle handle;
};

Acknowledgements::Acknowledgements(const std::string& nats_url, const std::string& stream,
                                   const std::string& consumer)
    : subscription_(std::make_unique<Subscription>()) {
    subscription_->connection = connect_to_nats(nats_url);
    auto* connection = subscription_->connection.get();
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
