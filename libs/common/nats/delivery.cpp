#include "common/nats/pull_consumer.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

namespace events::nats {
namespace {

/// The longest form known has 12 tokens; more may come (ADR-15).
constexpr std::size_t kMaxTokens = 16;

template <typename Number>
bool read_number(std::string_view text, Number& number) {
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    return error == std::errc{} && rest == end;
}

}  // namespace

// $JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>
// $JS.ACK.<domain>.<account>.<stream>. ... the same ... [.<random>]
std::optional<DeliveryMetadata> parse_delivery_metadata(std::string_view reply) {
    constexpr std::string_view kPrefix = "$JS.ACK.";
    if (!reply.starts_with(kPrefix)) return std::nullopt;

    std::array<std::string_view, kMaxTokens> tokens;
    std::size_t count = 0;
    for (auto rest = reply;; ++count) {
        if (count == kMaxTokens) return std::nullopt;
        const auto dot = rest.find('.');
        tokens[count] = rest.substr(0, dot);
        if (dot == std::string_view::npos) break;
        rest.remove_prefix(dot + 1);
    }
    ++count;
    if (count != 9 && count < 11) return std::nullopt;

    const std::size_t numbers = count == 9 ? 4 : 6;
    DeliveryMetadata metadata;
    std::uint64_t consumer_sequence = 0;
    std::int64_t nanoseconds = 0;
    if (!read_number(tokens[numbers], metadata.deliveries) ||
        !read_number(tokens[numbers + 1], metadata.stream_sequence) ||
        !read_number(tokens[numbers + 2], consumer_sequence) ||
        !read_number(tokens[numbers + 3], nanoseconds) ||
        !read_number(tokens[numbers + 4], metadata.pending)) {
        return std::nullopt;
    }
    metadata.stored_at = decltype(metadata.stored_at){std::chrono::nanoseconds{nanoseconds}};
    return metadata;
}

Delivery::Delivery(Connection& connection, MessageHandle message, DeliveryMetadata metadata)
    : connection_{&connection}, message_{std::move(message)}, metadata_{metadata} {
    if (const char* reply = natsMsg_GetReply(message_.get())) reply_ = reply;
}

std::string_view Delivery::payload() const noexcept {
    if (message_ == nullptr) return {};
    return {natsMsg_GetData(message_.get()),
            static_cast<std::size_t>(natsMsg_GetDataLength(message_.get()))};
}

std::optional<std::string_view> Delivery::header(const char* name) const {
    const char* value = nullptr;
    if (message_ == nullptr || natsMsgHeader_Get(message_.get(), name, &value) != NATS_OK ||
        value == nullptr) {
        return std::nullopt;
    }
    return value;
}

void Delivery::ack() {
    reply("+ACK");
}

void Delivery::nak(std::chrono::nanoseconds delay) {
    reply(delay.count() > 0 ? fmt::format(R"(-NAK {{"delay":{}}})", delay.count()) : "-NAK");
}

void Delivery::in_progress() {
    reply("+WPI");
}

void Delivery::reply(std::string_view text) {
    if (connection_ == nullptr) return;
    // Without a connection it is lost, like any acknowledgement on its way: a redelivery follows.
    if (const auto native = connection_->native()) {
        natsConnection_Publish(native.get(), reply_.c_str(), text.data(),
                               static_cast<int>(text.size()));
    }
}

}  // namespace events::nats
