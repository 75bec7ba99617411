// Everything that events-dlq prints of a dead letter, which anybody may have made: on a terminal
// nothing but text, and for programs what they can read back. The input is a letter's texts, each
// behind a unit separator, and its bytes last.

#include "common/nats/topology.hpp"
#include "dlq/console.hpp"
#include "dlq/json_reader.hpp"
#include "dlq/json_view.hpp"
#include "dlq/replay_report.hpp"
#include "dlq/rows.hpp"
#include "dlq/text.hpp"
#include "target.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <sstream>
#include <string>

namespace events::fuzz {
namespace {

using dlq::Charset;
using dlq::Letter;

constexpr char kSeparator = '\x1f';

std::string next_text(std::string_view& rest) {
    const auto end = rest.find(kSeparator);
    const auto text = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return std::string{text};
}

/// As of a message of the broker's, which gives a header out up to its first NUL. There is none:
/// cnats frees messages on a thread of its own, which libFuzzer takes for leaks that it looks for.
Letter letter_of(std::string_view input) {
    constexpr std::array kHeaders{
        nats::headers::kReasonCode, nats::headers::kReason,        nats::headers::kPath,
        nats::headers::kFailedAt,   nats::headers::kCorrelationId, nats::headers::kTraceparent,
        nats::headers::kMessageId,  nats::headers::kReceivedAt,    nats::headers::kOriginalBytes,
    };
    Letter letter;
    letter.subject = next_text(input).c_str();
    if (letter.subject.empty()) letter.subject = nats::kDeadLetterOfGateway;
    std::map<std::string_view, std::string> headers;
    for (const auto* name : kHeaders) headers[name] = next_text(input);
    letter.sequence = input.size() + 1;
    letter.failed_at =
        Timestamp{std::chrono::microseconds{static_cast<std::int64_t>(input.size()) << 30U}};
    letter.bytes = input.size();
    letter.raw = input;
    dlq::read_headers(letter, [&](const char* name) -> std::optional<std::string_view> {
        const auto found = headers.find(name);
        if (found == headers.end()) return std::nullopt;
        return found->second.c_str();
    });
    return letter;
}

bool is_control(unsigned char c) {
    return c < 0x20 || c == 0x7F;
}

/// No terminal takes any of it for a command, and no character hides or turns the others.
void check_terminal(std::string_view text) {
    require(dlq::is_utf8(text), "what is printed is UTF-8");
    require(text.empty() || text.ends_with('\n'), "what is printed ends its line");
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        require(byte == '\n' || !is_control(byte), "no control character is printed");
        if (byte < 0xC2) continue;
        const auto rest = text.substr(i);
        require(byte != 0xC2 || static_cast<unsigned char>(rest[1]) >= 0xA0, "nor one of C1");
        for (const std::string_view hidden :
             {"\u00ad", "\u061c", "\u180e", "\u200b", "\u200e", "\u200f", "\u2028",
              "\u2029", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2060",
              "\u2066", "\u2067", "\u2068", "\u2069", "\ufeff", "\ufffa"}) {
            require(!rest.starts_with(hidden), "nothing is printed that turns or hides text");
        }
    }
}

void check_one_line(std::string_view text) {
    check_terminal(text);
    require(std::ranges::count(text, '\n') == 1, "a row is one line");
}

/// What stays of JSON without the white space between its tokens.
std::string compact(std::string_view json) {
    std::string out;
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (!in_string && std::string_view{" \t\r\n"}.find(c) != std::string_view::npos) continue;
        out += c;
        if (c == '"') in_string = !in_string;
        if (in_string && c == '\\' && i + 1 < json.size()) out += json[++i];
    }
    return out;
}

void check_view(const Letter& letter) {
    const auto view = dlq::view_of(letter.raw, letter.path);
    check_terminal(view);
    std::string lines;
    std::istringstream stream{view};
    for (std::string line; std::getline(stream, line);) {
        require(line.starts_with("  ") || line.starts_with("> "), "a line is two columns in");
        lines += line.substr(2) + "\n";
    }
    const bool marked = view.starts_with("> ") || view.find("\n> ") != std::string::npos;
    if (!marked) return;  // it is not JSON, or too deep
    require(dlq::is_json(letter.raw), "only JSON is laid out");
    require(compact(lines) == dlq::printable(compact(letter.raw)),
            "nothing of JSON is lost or added");
}

dlq::Group group_of(const Letter& letter) {
    return {.code = letter.code,
            .subject = letter.subject,
            .letters = 1,
            .bytes = letter.bytes,
            .first = letter.failed_at,
            .last = letter.failed_at};
}

/// What a program is given is JSON on one line, from which the letter's bytes come back.
void check_export(const Letter& letter) {
    for (const auto charset : {Charset::utf8, Charset::ascii}) {
        const auto line = dlq::export_line(letter, charset);
        const auto edited = dlq::parse_export_line(line);
        require(edited.has_value(), "an export can be read");
        require(edited->raw == letter.raw, "and gives the same bytes back");
        const auto group = dlq::summary_json(group_of(letter), charset);
        for (const auto& text : {line, dlq::list_line(letter, charset), group}) {
            require(dlq::read_json(text).has_value(), "a line is JSON");
            const auto end = text.ends_with('\n') ? text.size() - 1 : text.size();
            const bool plain = std::ranges::none_of(text.substr(0, end), [&](char c) {
                const auto byte = static_cast<unsigned char>(c);
                return byte < 0x20 || (charset == Charset::ascii && byte >= 0x7F);
            });
            require(plain, "a terminal gets ASCII, and nobody a control character");
        }
    }
}

void check_replay(const Letter& letter) {
    std::ostringstream out;
    std::ostringstream err;
    dlq::Console console{.out = out, .err = err};
    dlq::Progress progress{console, "looked at", 1};
    static dlq::Planner planner;  // its buffers are large
    const auto plan = planner.plan(letter, Timestamp::max());
    dlq::ReplayReport report{console, progress, false};
    report.planned(letter, plan);
    report.replayed({.sequence = letter.sequence, .why = letter.reason});
    report.not_there(letter.sequence, letter.code);
    report.sum_up(false);
    console.error(letter.reason);
    check_terminal(out.str());
    check_one_line(err.str());
    (void)dlq::messages_of(letter, plan);
}

void check(std::string_view input) {
    const auto letter = letter_of(input);
    check_terminal(dlq::describe(letter));
    check_one_line(dlq::list_row(letter));
    check_one_line(dlq::summary_row(group_of(letter)));
    check_view(letter);
    check_export(letter);
    check_replay(letter);
    (void)dlq::parse_export_line(input);
}

}  // namespace
}  // namespace events::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    events::fuzz::check(events::fuzz::text_of(data, size));
    return 0;
}
