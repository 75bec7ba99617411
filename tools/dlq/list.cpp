#include "dlq/commands.hpp"
#include "dlq/letter_json.hpp"
#include "dlq/rows.hpp"

#include <fmt/format.h>

namespace events::dlq {
ExitCode list(Letters& letters, const CommandLine& line, Console& console) {
    std::uint64_t shown = 0;
    bool more = false;
    const auto charset = console.out_is_terminal ? Charset::ascii : Charset::utf8;
    const auto use = [&](const Letter& letter) {
        if (line.limit != 0 && shown == line.limit) {
            more = true;
            return false;
        }
        if (shown++ == 0 && !line.json) console.out << list_header();
        console.out << (line.json ? list_line(letter, charset) + "\n" : list_row(letter));
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
