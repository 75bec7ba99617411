// A body of JSON: an array of events or one event. Where it is JSON, each of its elements is
// accepted or rejected; and whatever it is, each event that is accepted is JSON.

#include "body_check.hpp"
#include "oracle.hpp"
#include "target.hpp"

#include <nlohmann/json.hpp>

namespace events::fuzz {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// A body that is JSON is never refused as a whole, but where it is neither array nor object.
void check_elements(const Expected<ParsedBody, MalformedBody>& parsed, std::string_view body) {
    if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
    if (body.starts_with(kByteOrderMark)) return;  // nlohmann::json skips one of its own
    const auto json = read_json(body);
    if (!json) return;
    require(parsed.has_value() == json->is_structured(), "an array or an object is a body");
    if (!parsed) return;
    const auto elements = json->is_array() ? json->size() : 1;
    require(parsed->accepted.size() + parsed->rejected.size() == elements,
            "each element is accepted or rejected");
}

void check(std::string_view text) {
    Parser parser;
    const Padded padded{text, ']'};
    const auto parsed = parser.parse_body(padded.view(), BodyFormat::json, {.latest = latest()});
    const Padded zeroes{text, '\0'};
    const auto other = Parser{}.parse_body(zeroes.view(), BodyFormat::json, {.latest = latest()});
    require(parsed.has_value() == other.has_value(), "what is behind the body does not matter");
    check_elements(parsed, text);
    if (!parsed) {
        require(!parsed.error().message.empty(), "a malformed body is told why");
        return;
    }
    require(parsed->accepted.size() == other->accepted.size(), "nor does it for its events");
    check_parts(*parsed, padded.view());
}

}  // namespace
}  // namespace events::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    events::fuzz::check(events::fuzz::text_of(data, size));
    return 0;
}
