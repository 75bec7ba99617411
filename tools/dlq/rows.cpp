#include "dlq/rows.hpp"

#include "common/events/time.hpp"
#include "dlq/json_view.hpp"
#include "dlq/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace events::dlq {
namespace {

constexpr std::size_t kSecondsOfATimestamp = 19;  ///< "2026-03-01T12:00:00"
constexpr std::size_t kPathColumns = 24;
constexpr std::size_t kIdColumns = 36;  ///< a UUID
constexpr std::size_t kStartColumns = 60;

/// Fills a text up with spaces to its column's width. By characters: fmt counts bytes of some.
std::string cell(std::string_view text, std::size_t columns) {
    auto shown = abridged(text, columns);
    shown.append(columns - characters(shown), ' ');
    return shown;
}

}  // namespace

std::string describe(const Letter& letter) {
    std::string text;
    const auto field = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) text += fmt::format("{:<16}{}\n", name, printable(value));
    };
    field("sequence", std::to_string(letter.sequence));
    field("subject", letter.subject);
    field("failed at", format_timestamp(letter.failed_at));
    field("code", letter.code);
    field("reason", letter.reason);
    field("path", letter.path);
    field("correlation id", letter.correlation_id);
    field("traceparent", letter.traceparent);
    field("message id", letter.message_id);
    if (letter.received_at) field("received at", format_timestamp(*letter.received_at));
    field("bytes", letter.original_bytes ? fmt::format("{}, the first of {}: it was cut",
                                                       letter.bytes, *letter.original_bytes)
                                         : std::to_string(letter.bytes));
    if (!is_utf8(letter.raw)) field("encoding", "not UTF-8: \\xNN stands for a byte that is not");
    return text + "\n" + view_of(letter.raw, letter.path);
}

std::string list_header() {
    return fmt::format("{:>9}  {:<20}  {:<13}  {:<19}  {:<24}  {:<36}  {:>7}  {}\n", "SEQUENCE",
                       "FAILED AT", "SUBJECT", "CODE", "PATH", "CORRELATION ID", "BYTES", "EVENT");
}

std::string list_row(const Letter& letter) {
    return fmt::format("{:>9}  {}Z  {}  {}  {}  {}  {:>7}{} {}\n", letter.sequence,
                       format_timestamp(letter.failed_at).substr(0, kSecondsOfATimestamp),
                       cell(letter.subject, 13), cell(letter.code, 19),
                       cell(letter.path, kPathColumns), cell(letter.correlation_id, kIdColumns),
                       letter.bytes, letter.original_bytes ? '+' : ' ',
                       abridged(letter.raw, kStartColumns));
}

std::string summary_header() {
    return fmt::format("{:>9}  {:>11}  {:<20}  {:<14}  {:<27}  {}\n", "LETTERS", "BYTES", "CODE",
                       "SUBJECT", "FIRST", "LAST");
}

std::string summary_row(const Group& group) {
    return fmt::format("{:>9}  {:>11}  {}  {}  {}  {}\n", group.letters, group.bytes,
                       cell(group.code, 20), cell(group.subject, 14), format_timestamp(group.first),
                       format_timestamp(group.last));
}

std::string summary_json(const Group& group, Charset charset) {
    const nlohmann::ordered_json object{{"code", group.code},
                                        {"subject", group.subject},
                                        {"letters", group.letters},
                                        {"bytes", group.bytes},
                                        {"first", format_timestamp(group.first)},
                                        {"last", format_timestamp(group.last)}};
    return object.dump(-1, ' ', charset == Charset::ascii,
                       nlohmann::json::error_handler_t::replace) +
           "\n";
}

}  // namespace events::dlq
