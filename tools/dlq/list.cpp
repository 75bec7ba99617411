#include "common/events/time.hpp"
#include "dlq/commands.hpp"
#include "dlq/letter_json.hpp"
#include "dlq/text.hpp"

#include <fmt/format.h>

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

std::string row_of(const Letter& letter) {
    return fmt::format("{:>9}  {}Z  {}  {}  {}  {}  {:>7}{} {}\n", letter.sequence,
                       format_timestamp(letter.failed_at).substr(0, kSecondsOfATimestamp),
                       cell(letter.subject, 13), cell(letter.code, 19),
                       cell(letter.path, kPathColumns), cell(letter.correlation_id, kIdColumns),
                       letter.bytes, letter.original_bytes ? '+' : ' ',
                       abridged(letter.raw, kStartColumns));
}

std::string header() {
    return fmt::format("{:>9}  {:<20}  {:<13}  {:<19}  {:<24}  {:<36}  {:>7}  {}\n", "SEQUENCE",
                       "FAILED AT", "SUBJECT", "CODE", "PATH", "CORRELATION ID", "BYTES", "EVENT");
}

}  // namespace

ExitCode list(Letters& letters, const CommandLine& line, Console& console) {
    std::uint64_t shown = 0;
    bool more = false;
    const auto charset = console.out_is_terminal ? Charset::ascii : Charset::utf8;
    const auto use = [&](const Letter& letter) {
        if (line.limit != 0 && shown == line.limit) {
            more = true;
            return false;
        }
        if (shown++ == 0 && !line.json) console.out << header();
        console.out << (line.json ? list_line(letter, charset) + "\n" : row_of(letter));
        return console.out.good() && !letters.interrupted();
    };
    if (line.oldest_first) {
        auto reader = letters.read(line.filter, Parts::all);
        while (const auto letter = reader.next()) {
            if (!use(*letter)) break;
        }
    } else {
        letters.read_backwards(line.filter, Parts::all, use);
    }
    if (!line.json) {
        const auto stream = letters.info();
        console.out << fmt::format("{} letters{}, {} first; there are {} in all, of {} bytes\n",
                                   shown, more ? " (--limit 0 shows more)" : "",
                                   line.oldest_first ? "oldest" : "newest", stream.messages,
                                   stream.bytes);
    }
    console.out << std::flush;
    return console.out.good() && !letters.interrupted() ? kDone : kIncomplete;
}

}  // namespace events::dlq
