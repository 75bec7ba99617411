#include "common/events/time.hpp"
#include "dlq/commands.hpp"
#include "dlq/json_view.hpp"
#include "dlq/letter_json.hpp"
#include "dlq/text.hpp"

#include <fmt/format.h>

namespace events::dlq {

ExitCode show(Letters& letters, const CommandLine& line, Console& console) {
    Filter only;
    only.sequences = {{line.sequence, line.sequence}};
    const auto letter = letters.read(only, Parts::all).next();
    if (!letter) {
        console.err << fmt::format("events-dlq: there is no letter {}\n", line.sequence);
        return kIncomplete;
    }
    if (line.json) {
        const auto charset = console.out_is_terminal ? Charset::ascii : Charset::utf8;
        console.out << export_line(*letter, charset) << "\n" << std::flush;
        return kDone;
    }
    const auto field = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) console.out << fmt::format("{:<16}{}\n", name, printable(value));
    };
    field("sequence", std::to_string(letter->sequence));
    field("subject", letter->subject);
    field("failed at", format_timestamp(letter->failed_at));
    field("code", letter->code);
    field("reason", letter->reason);
    field("path", letter->path);
    field("correlation id", letter->correlation_id);
    field("traceparent", letter->traceparent);
    field("message id", letter->message_id);
    if (letter->received_at) field("received at", format_timestamp(*letter->received_at));
    field("bytes", letter->original_bytes ? fmt::format("{}, the first of {}: it was cut",
                                                        letter->bytes, *letter->original_bytes)
                                          : std::to_string(letter->bytes));
    if (!is_utf8(letter->raw)) field("encoding", "not UTF-8: \\xNN stands for a byte that is not");
    console.out << "\n" << view_of(letter->raw, letter->path) << std::flush;
    return kDone;
}

}  // namespace events::dlq
