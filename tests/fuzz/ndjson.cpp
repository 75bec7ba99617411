// A body of NDJSON: each line that isn't empty is accepted or rejected, by itself.

#include "body_check.hpp"
#include "common/events/json_text.hpp"
#include "target.hpp"

#include <algorithm>

namespace events::fuzz {
namespace {

std::size_t lines_in(std::string_view body) {
    std::size_t lines = 0;
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
    while (!body.empty()) {
        const auto line = body.substr(0, body.find('\n'));
        body.remove_prefix(std::min(line.size() + 1, body.size()));
        if (!json::trim(line).empty()) ++lines;
    }
    return lines;
}

void check(std::string_view text) {
    Parser parser;
    const Padded padded{text, '\n'};
    const auto parsed = parser.parse_body(padded.view(), BodyFormat::ndjson, {.latest = latest()});
    const auto lines = lines_in(text);
    if (!parsed) {
        require(!parsed.error().message.empty(), "a malformed body is told why");
        return;
    }
    require(lines > 0, "an empty body is malformed");
    require(parsed->accepted.size() + parsed->rejected.size() == lines,
            "each line is accepted or rejected");
    check_parts(*parsed, padded.view());
}

}  // namespace
}  // namespace events::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    events::fuzz::check(events::fuzz::text_of(data, size));
    return 0;
}
