#include "gateway/fitting.hpp"

#include "common/events/message_encoding.hpp"
#include "common/events/time.hpp"
#include "common/nats/dead_letter.hpp"
#include "common/nats/topology.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

namespace events::gateway {
namespace {

namespace headers = nats::headers;

/// As append_line() writes it.
std::size_t line_size(std::string_view json) {
    const auto is_break = [](char c) { return c == '\n' || c == '\r'; };
    return json.size() - static_cast<std::size_t>(std::ranges::count_if(json, is_break));
}

std::string reason(std::size_t message_bytes, std::size_t max_payload) {
    return fmt::format("takes a message of {} bytes, and the broker takes {} (max_payload)",
                       message_bytes, max_payload);
}

RejectedEvent rejected(const AcceptedEvent& event, std::size_t index, std::string why,
                       Parser& parser) {
    TextArena arena;
    const auto read = parser.parse_event(event.json, arena);
    auto id = read ? std::optional<std::string>{read->event_id} : std::nullopt;
    return {.index = index,
            .json = event.json,
            .why = {RejectionCode::too_large_for_the_broker, "", std::move(why), std::move(id)},
            .source = event.source};
}

/// What headers leave of `max_payload`.
std::size_t room_of(const std::map<std::string, std::string>& fields, std::size_t max_payload) {
    std::vector<nats::HeaderField> all;
    for (const auto& [name, value] : fields) all.push_back({name.c_str(), value});
    return max_payload - std::min(max_payload, nats::header_bytes(all));
}

bool fits(const SpooledMessage& message, std::size_t max_payload) {
    return message.payload.size() <= room_of(message.headers, max_payload);
}

std::string value_of(const SpooledMessage& message, const char* header) {
    const auto found = message.headers.find(header);
    return found == message.headers.end() ? std::string{} : found->second;
}

SpooledMessage dead_letter(const SpooledMessage& message, std::string_view event,
                           std::size_t max_payload) {
    const auto taken = max_payload - room_of(message.headers, max_payload);
    const auto why = reason(taken + event.size(), max_payload);
    const auto correlation_id = value_of(message, headers::kCorrelationId);
    const auto traceparent = value_of(message, headers::kTraceparent);
    const auto received = parse_timestamp(value_of(message, headers::kReceivedAt));
    const auto origin = value_of(message, headers::kMessageId);
    const nats::DeadLetter letter{
        .subject = nats::kDeadLetterOfGateway,
        .raw = event,
        .code = to_string(RejectionCode::too_large_for_the_broker),
        .reason = why,
        .path = "",
        .correlation_id = correlation_id,
        .traceparent = traceparent,
        .discriminator = origin,
        .received_at = received ? std::optional{*received} : std::nullopt,
        .max_payload = max_payload - std::min<std::size_t>(max_payload, 64)};  // the count's header
    const auto fields = nats::headers_of(letter, std::chrono::system_clock::now());
    auto made = message;
    made.subject = letter.subject;
    made.headers = {{headers::kEventCount, "1"}};
    made.payload = nats::payload_of(letter, fields);
    for (const auto& [name, value] : fields) {
        if (!value.empty()) made.headers.emplace(name, value);
    }
    return made;
}

void split(const SpooledMessage& message, std::size_t max_payload,
           std::vector<SpooledMessage>& into) {
    const auto encoding = value_of(message, headers::kContentEncoding);
    const auto plain = Decompressor{}.plain(message.payload, encoding, nats::kMaxMessageBytes);
    if (!plain) return into.push_back(dead_letter(message, message.payload, max_payload));
    auto part = message;
    part.headers.erase(headers::kContentEncoding);
    part.payload.clear();
    const auto room = room_of(part.headers, max_payload);
    std::size_t events = 0;
    const auto flush = [&] {
        if (events == 0) return;
        part.headers[headers::kMessageId] = nats::message_id({part.payload});
        part.headers[headers::kEventCount] = std::to_string(events);
        into.push_back(part);
        part.payload.clear();
        events = 0;
    };
    for_each_line(*plain, [&](std::string_view line) {
        if (line.size() > room) {
            into.push_back(dead_letter(message, line, max_payload));
            return;
        }
        if (part.payload.size() + 1 + line.size() > room) flush();
        append_line(part.payload, line);
        ++events;
    });
    flush();
}

SpooledMessage cut(SpooledMessage message, std::size_t max_payload) {
    message.headers.emplace(headers::kOriginalBytes, std::to_string(message.payload.size()));
    message.payload.resize(std::min(message.payload.size(), room_of(message.headers, max_payload)));
    return message;
}

bool is_of_events(const std::string& subject) {
    return std::ranges::any_of(sources(),
                               [&](Source source) { return subject == source.subject(); });
}

}  // namespace

void reject_too_large(ParsedBody& body, std::size_t room, std::size_t max_payload, Parser& parser) {
    const auto is_too_large = [room](const AcceptedEvent& event) {
        return event.json.size() > room && line_size(event.json) > room;
    };
    if (room >= kMaxEventBytes || std::ranges::none_of(body.accepted, is_too_large)) return;

    ParsedBody result;
    auto next = body.rejected.begin();
    const auto take_rejected = [&] { result.rejected.push_back(std::move(*next++)); };
    std::size_t index = 0;  // of the accepted event: no rejected one has it
    for (const auto& event : body.accepted) {
        while (next != body.rejected.end() && next->index <= index) {
            index = next->index + 1;
            // An event may have several problems.
            for (const auto at = next->index; next != body.rejected.end() && next->index == at;) {
                take_rejected();
            }
        }
        if (is_too_large(event)) {
            const auto bytes = max_payload - room + line_size(event.json);
            result.rejected.push_back(rejected(event, index, reason(bytes, max_payload), parser));
        } else {
            result.accepted.push_back(event);
        }
        ++index;
    }
    while (next != body.rejected.end()) take_rejected();
    body = std::move(result);
}

std::vector<SpooledMessage> fit(std::vector<SpooledMessage> messages, std::size_t max_payload) {
    const auto is_fit = [&](const SpooledMessage& message) { return fits(message, max_payload); };
    if (std::ranges::all_of(messages, is_fit)) return messages;
    std::vector<SpooledMessage> all;
    for (auto& message : messages) {
        if (is_fit(message)) {
            all.push_back(std::move(message));
        } else if (is_of_events(message.subject)) {
            split(message, max_payload, all);
        } else {
            all.push_back(cut(std::move(message), max_payload));
        }
    }
    return all;
}

}  // namespace events::gateway
