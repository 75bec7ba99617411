#include "dlq/plan.hpp"

#include "common/events/message_encoding.hpp"
#include "common/events/time.hpp"
#include "common/nats/dead_letter.hpp"
#include "common/nats/topology.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace events::dlq {
namespace {

std::string padded(std::string_view text) {
    std::string copy;
    copy.reserve(text.size() + kPadding);
    copy = text;
    return copy;
}

std::string line_of(std::string_view json) {
    std::string line;
    append_line(line, json);
    return line;
}

Plan invalid(Rejection why) {
    return {
        .verdict = Verdict::still_invalid, .events = {}, .leftovers = {}, .why = std::move(why)};
}

bool is_object(const RejectedEvent& event) {
    return event.why.code != RejectionCode::malformed_json &&
           event.why.code != RejectionCode::not_an_object;
}

const char* dead_subject_of(const Letter& letter) {
    for (const auto source : sources()) {
        if (letter.subject == source.dead_letter_subject()) {
            return source.dead_letter_subject();
        }
    }
    return nats::kDeadLetterOfGateway;
}

}  // namespace

Plan Planner::plan(const Letter& letter, const TimeLimits& limits) {
    if (letter.original_bytes) {
        return {.verdict = Verdict::cut, .events = {}, .leftovers = {}, .why = {}};
    }
    const bool is_body = letter.code == to_string(RejectionCode::malformed_body);
    return is_body ? plan_body(letter, limits) : plan_event(letter, limits);
}

Plan Planner::plan_event(const Letter& letter, const TimeLimits& limits) {
    const auto raw = padded(letter.raw);
    TextArena texts;
    auto event = parser_.parse_event(raw, texts, limits);
    if (!event) return invalid(std::move(event.error()));
    return {.verdict = Verdict::replayable,
            .events = {{event->type->source, line_of(raw)}},
            .leftovers = {},
            .why = {}};
}

Plan Planner::plan_body(const Letter& letter, const TimeLimits& limits) {
    const auto raw = padded(letter.raw);
    auto body = parser_.parse_body(raw, BodyFormat::json, limits);
    if (!body) {
        auto lines = parser_.parse_body(raw, BodyFormat::ndjson, limits);
        if (lines && std::ranges::all_of(lines->rejected, is_object)) body = std::move(lines);
    }
    if (!body) {
        return invalid(
            {RejectionCode::malformed_body, "", std::move(body.error().message), std::nullopt});
    }
    const auto is_too_large = [](const RejectedEvent& event) {
        return event.json.size() > nats::kMaxMessageBytes;  // a letter of its own would cut it
    };
    const auto large = std::ranges::find_if(body->rejected, is_too_large);
    if (large != body->rejected.end()) return invalid(std::move(large->why));
    if (body->accepted.empty()) {
        if (!body->rejected.empty()) return invalid(std::move(body->rejected.front().why));
        return invalid(
            {RejectionCode::malformed_body, "", "There is no event in it", std::nullopt});
    }
    Plan plan{.verdict = Verdict::replayable, .events = {}, .leftovers = {}, .why = {}};
    for (const auto& event : body->accepted) {
        plan.events.push_back({event.source, line_of(event.json)});
    }
    for (auto& event : body->rejected) {
        plan.leftovers.push_back({event.index, std::string{event.json}, std::move(event.why)});
    }
    return plan;
}

std::vector<Message> messages_of(const Letter& letter, const Plan& plan) {
    const auto sequence = std::to_string(letter.sequence);
    const auto failed_at = format_timestamp(letter.failed_at);
    const auto received_at = letter.received_at ? format_timestamp(*letter.received_at) : failed_at;
    std::vector<Message> messages;
    for (const auto& [source, json] : plan.events) {
        messages.push_back(
            {.subject = source.subject(),
             .headers = {{nats::headers::kMessageId, nats::message_id({json, sequence, failed_at})},
                         {nats::headers::kCorrelationId, letter.correlation_id},
                         {nats::headers::kTraceparent, letter.traceparent},
                         {nats::headers::kEventCount, "1"},
                         {nats::headers::kReceivedAt, received_at}},
             .payload = json});
    }
    for (const auto& leftover : plan.leftovers) {
        const auto place = fmt::format("{} {} {}", sequence, failed_at, leftover.index);
        const nats::DeadLetter own{.subject = dead_subject_of(letter),
                                   .raw = leftover.raw,
                                   .code = to_string(leftover.why.code),
                                   .reason = leftover.why.message,
                                   .path = leftover.why.path,
                                   .correlation_id = letter.correlation_id,
                                   .traceparent = letter.traceparent,
                                   .discriminator = place,
                                   .received_at = letter.received_at};
        auto fields = nats::headers_of(own, letter.failed_at);
        std::string payload{nats::payload_of(own, fields)};
        messages.push_back(
            {.subject = own.subject, .headers = std::move(fields), .payload = std::move(payload)});
    }
    return messages;
}

}  // namespace events::dlq
