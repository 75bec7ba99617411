#include "dlq/letter_json.hpp"

#include "common/events/time.hpp"
#include "dlq/base64.hpp"
#include "dlq/json_reader.hpp"
#include "dlq/text.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace events::dlq {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

/// Characters of the event that a list shows.
constexpr std::size_t kStart = 120;

ordered_json head_of(const Letter& letter) {
    ordered_json object{{"sequence", letter.sequence},
                        {"subject", letter.subject},
                        {"failedAt", format_timestamp(letter.failed_at)},
                        {"code", letter.code},
                        {"reason", letter.reason},
                        {"path", letter.path},
                        {"correlationId", letter.correlation_id}};
    if (!letter.traceparent.empty()) object["traceparent"] = letter.traceparent;
    if (letter.received_at) object["receivedAt"] = format_timestamp(*letter.received_at);
    if (letter.original_bytes) object["originalBytes"] = *letter.original_bytes;
    return object;
}

std::string dump(const ordered_json& object, Charset charset) {
    // Headers that are not UTF-8 are shown as well as may be; `raw` always is UTF-8.
    return object.dump(-1, ' ', charset == Charset::ascii, json::error_handler_t::replace);
}

Unexpected<std::string> wrong(std::string what) {
    return Unexpected<std::string>{std::move(what)};
}

}  // namespace

std::string export_line(const Letter& letter, Charset charset) {
    auto object = head_of(letter);
    if (is_utf8(letter.raw)) {
        object["raw"] = letter.raw;
    } else {
        object["rawBase64"] = to_base64(letter.raw);
    }
    return dump(object, charset);
}

std::string list_line(const Letter& letter, Charset charset) {
    auto object = head_of(letter);
    object["bytes"] = letter.bytes;
    object["start"] = abridged(letter.raw, kStart);
    return dump(object, charset);
}

Expected<EditedLetter, std::string> parse_export_line(std::string_view line) {
    const auto read = read_json(line);
    if (!read) return wrong("it is not JSON");
    const auto& object = *read;
    if (!object.is_object()) return wrong("it is not an object");
    const auto text = [&](const char* name) -> const std::string* {
        const auto found = object.find(name);
        return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
    };
    const auto sequence = object.find("sequence");
    if (sequence == object.end() || !sequence->is_number_unsigned() || *sequence == 0) {
        return wrong("it has no sequence");
    }
    EditedLetter edited{.sequence = sequence->get<std::uint64_t>(), .failed_at = {}, .raw = {}};
    if (const auto* failed_at = text("failedAt")) edited.failed_at = *failed_at;
    if (object.contains("raw") == object.contains("rawBase64")) {
        return wrong("it must have one of raw and rawBase64");
    }
    if (const auto* raw = text("raw")) {
        edited.raw = *raw;
        return edited;
    }
    const auto* base64 = text("rawBase64");
    if (base64 == nullptr) return wrong("raw is not a string");
    auto bytes = from_base64(*base64);
    if (!bytes) return wrong("rawBase64 is not base64");
    edited.raw = std::move(*bytes);
    return edited;
}

}  // namespace events::dlq
