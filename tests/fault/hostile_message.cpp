#include "hostile_message.hpp"

#include "injections.hpp"
#include "support/nats_connect.hpp"
#include "support/sample_events.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace events::test {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kLarge = 200'000;
constexpr std::int64_t kAckTimeoutMs = 20'000;

std::string next_mark() {
    static std::uint64_t made = 0;
    return fmt::format("{}{:0{}}", kHostile, ++made, kHostileDigits);
}

/// One message, and what its lines are in the ledger.
struct Message {
    std::string payload;
    Headers headers;
    std::vector<std::pair<std::string, Fate>> ids;
};

Message good(std::string_view source, Headers headers) {
    const auto id = fmt::format("stranger-{}", next_mark().substr(kHostile.size()));
    return {source == "facebook" ? facebook_top(id) : tiktok_top(id),
            std::move(headers),
            {{id, Fate::stored}}};
}

/// `{}` in `payload` is the mark.
Message bad(std::string_view payload, Headers headers = {}) {
    const auto mark = next_mark();
    std::string text{payload};
    text.replace(text.find("{}"), 2, mark);
    return {std::move(text), std::move(headers), {{mark, Fate::refused}}};
}

std::string random_bytes(std::size_t count) {
    static std::mt19937_64 random{1};
    std::string bytes(count, '\0');
    std::ranges::generate(bytes, [] { return static_cast<char>(random() % 256); });
    std::ranges::replace(bytes, '\n', '\r');  // one line
    return bytes;
}

std::vector<Message> with_hostile_headers(std::string_view source) {
    std::vector<Message> messages;
    for (const auto* count : {"1000000000000", "18446744073709551615", "184467440737095516150",
                              "-1", "0", "1e9", "0x7fffffff", " ", "NaN"}) {
        messages.push_back(good(source, {{"X-Event-Count", count}}));
    }
    messages.push_back(good(source, {{"X-Event-Count", std::string(300, '9')}}));
    for (const auto* time : {"9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "tomorrow"}) {
        messages.push_back(good(source, {{"X-Received-At", time}}));
    }
    messages.push_back(good(source, {{"X-Correlation-Id", std::string(10'000, 'x')}}));
    messages.push_back(good(source, {{"X-Correlation-Id", "\xff\xfe\x01' OR 1=1 --"}}));
    messages.push_back(good(source, {{"traceparent", "00-" + std::string(5'000, 'f')}}));
    messages.push_back(bad("{} is not compressed", {{"Content-Encoding", "zstd"}}));
    messages.push_back(bad(std::string{"\x28\xb5\x2f\xfd{}"} + random_bytes(500),
                           {{"Content-Encoding", "zstd"}, {"X-Event-Count", "1000000000"}}));
    return messages;
}

std::vector<Message> with_hostile_payloads(std::string_view source) {
    const auto other = source == "facebook" ? tiktok_top("{}") : facebook_top("{}");
    std::vector<Message> messages{
        bad("{}" + random_bytes(1'000)),
        bad("{}" + random_bytes(kLarge)),
        bad(std::string("{}\0,\0}\0\"", 8)),
        bad("[\"{}\"" + std::string(kLarge, '[')),
        bad(R"({"eventId":"{}","data":)" + std::string(kLarge, '{')),
        bad(R"({"eventId":"{}","timestamp":1e999999999})"),
        bad(R"({"eventId":"{}","eventId":5,"eventId":null})"),
        bad(R"("{})"),
        bad("\xef\xbb\xbf\xc3\x28{}"),
        bad(other),
    };
    // Each line costs itself only.
    auto lines = good(source, {{"X-Event-Count", "1"}});
    for (int i = 0; i < 300; ++i) {
        auto line = bad("{} is no event");
        lines.payload += "\n" + line.payload;
        lines.ids.push_back(std::move(line.ids.front()));
    }
    messages.push_back(std::move(lines));
    // A message without an event is a dead letter as it came.
    messages.push_back({"", {}, {{"", Fate::refused}}});
    messages.push_back({"\n\n\n", {{"X-Event-Count", "3"}}, {{"\n\n\n", Fate::refused}}});
    return messages;
}

/// Whether JetStream has it.
bool publish(natsConnection* connection, const std::string& subject, const Message& message) {
    natsMsg* raw = nullptr;
    nats::check(natsMsg_Create(&raw, subject.c_str(), nullptr, message.payload.data(),
                               static_cast<int>(message.payload.size())),
                "natsMsg_Create");
    const nats::MessageHandle request{raw};
    for (const auto& [name, value] : message.headers) {
        nats::check(natsMsgHeader_Add(raw, name.c_str(), value.c_str()), "natsMsgHeader_Add");
    }
    natsMsg* answer = nullptr;
    const auto status = natsConnection_RequestMsg(&answer, connection, raw, kAckTimeoutMs);
    const nats::MessageHandle owned{answer};
    if (status != NATS_OK) return false;
    const auto ack = nlohmann::json::parse(natsMsg_GetData(answer),
                                           natsMsg_GetData(answer) + natsMsg_GetDataLength(answer),
                                           nullptr, false);
    return ack.is_object() && !ack.contains("error") && ack.contains("seq");
}

}  // namespace

void send_hostile_messages(Suite& suite, const Fault& fault) {
    const auto source = std::string_view{fault.target}.substr(std::string_view{"events."}.size());
    auto messages = with_hostile_headers(source);
    std::ranges::move(with_hostile_payloads(source), std::back_inserter(messages));
    const auto connection = connect_to_nats(suite.nats_url());
    for (const auto& message : messages) {
        std::vector<std::string> ids;
        for (const auto& [id, fate] : message.ids) {
            suite.ledger().sending(id, fate);
            if (!id.empty()) ids.push_back(id);
        }
        if (publish(connection.get(), fault.target, message)) suite.ledger().acknowledged(ids);
    }
    hold(fault);
}

}  // namespace events::test
