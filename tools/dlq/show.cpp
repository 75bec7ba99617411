#include "dlq/commands.hpp"
#include "dlq/letter_json.hpp"
#include "dlq/rows.hpp"

#include <fmt/format.h>

namespace events::dlq {

ExitCode show(Letters& letters, const CommandLine& line, Console& console) {
    Filter only;
    only.sequences = {{line.sequence, line.sequence}};
    const auto letter = letters.read(only, Parts::all).next();
    if (!letter) {
        console.error(fmt::format("there is no letter {}", line.sequence));
        return kIncomplete;
    }
    if (line.json) {
        const auto charset = console.out_is_terminal ? Charset::ascii : Charset::utf8;
        console.out << export_line(*letter, charset) << "\n" << std::flush;
        return kDone;
    }
    console.out << describe(*letter) << std::flush;
    return kDone;
}

}  // namespace events::dlq
