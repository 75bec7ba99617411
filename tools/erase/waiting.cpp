#include "erase/waiting.hpp"

#include "common/events/message_encoding.hpp"
#include "common/nats/api_request.hpp"
#include "common/nats/error.hpp"
#include "common/nats/jetstream.hpp"
#include "common/nats/topology.hpp"
#include "dlq/base64.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <variant>

namespace events::erase {
namespace {

using nlohmann::json;

struct Message {
    std::uint64_t sequence = 0;
    std::string received_at;
    std::string encoding;
    std::string payload;
};

std::string decoded(const json& message, const char* field) {
    return dlq::from_base64(message.value(field, "")).value_or("");
}

/// The value of a header in a message's own form: "NATS/1.0\r\nName: value\r\n".
std::optional<std::string> header_of(std::string_view headers, std::string_view name) {
    const auto key = "\r\n" + std::string{name} + ":";
    const auto at = headers.find(key);
    if (at == std::string_view::npos) return std::nullopt;
    auto value = headers.substr(at + key.size());
    value = value.substr(0, value.find("\r\n"));
    const auto begin = value.find_first_not_of(' ');
    return std::string{begin == std::string_view::npos ? "" : value.substr(begin)};
}

/// The first message from that sequence on; nothing where there is none.
std::optional<Message> next_message(nats::Connection& connection, Source source,
                                    std::uint64_t sequence) {
    const auto call = "$JS.API.STREAM.MSG.GET." + std::string{source.stream()};
    const json request{{"seq", sequence}, {"next_by_subj", source.subject()}};
    const auto answer = nats::ask(connection, call, request.dump());
    if (nats::error_code(answer) == nats::kNoMessageFound) return std::nullopt;
    nats::require_success(answer, call);
    const auto& message = answer.at("message");
    const auto headers = decoded(message, "hdrs");
    return Message{
        .sequence = message.at("seq").get<std::uint64_t>(),
        .received_at =
            header_of(headers, nats::headers::kReceivedAt).value_or(message.value("time", "")),
        .encoding = header_of(headers, nats::headers::kContentEncoding).value_or(""),
        .payload = decoded(message, "data")};
}

}  // namespace

bool Waiting::find(Source source, const Use& use) {
    nats::JetStream jetstream{connection_};
    const auto stream = jetstream.stream_info(source.stream());
    if (!stream || stream->messages == 0) return true;
    Decompressor decompressor;
    auto next = stream->first_sequence;
    while (next <= stream->last_sequence) {
        if (interrupted_) return false;
        const auto message = next_message(connection_, source, next);
        if (!message || message->sequence > stream->last_sequence) break;
        next = message->sequence + 1;
        const auto plain =
            decompressor.plain(message->payload, message->encoding, nats::kMaxMessageBytes);
        // What can't be read becomes a dead letter as it is.
        for_each_line(plain ? *plain : message->payload, [&](std::string_view line) {
            const auto persons = persons_of(line);
            if (persons.empty()) return;
            use({.sequence = message->sequence, .received_at = message->received_at, .json = line},
                persons);
        });
    }
    return true;
}

std::set<std::size_t> Waiting::persons_of(std::string_view line) {
    std::string padded;
    padded.reserve(line.size() + kPadding);
    padded = line;
    TextArena texts;
    const auto event = parser_.parse_event(padded, texts);
    if (!event) return mentions_.in(line);
    const auto person = mentions_.person_of(event->user_id);
    if (!person) return {};
    return {*person};
}

}  // namespace events::erase
