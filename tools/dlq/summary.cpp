#include "dlq/commands.hpp"
#include "dlq/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace events::dlq {
namespace {

/// The largest first.
std::vector<Group> count(LetterReader& reader, const Letters& letters, Console& console) {
    std::map<std::pair<std::string, std::string>, Group> groups;
    Progress progress{console, "counted", reader.total()};
    while (const auto letter = reader.next()) {
        auto& group = groups[{letter->code, letter->subject}];
        group.code = letter->code;
        group.subject = letter->subject;
        ++group.letters;
        group.bytes += letter->bytes;
        group.first = std::min(group.first, letter->failed_at);
        group.last = std::max(group.last, letter->failed_at);
        progress.update(reader.looked_at());
        if (letters.interrupted()) break;
    }
    std::vector<Group> sorted;
    for (const auto& [key, group] : groups) sorted.push_back(group);
    std::ranges::stable_sort(sorted, std::greater{}, &Group::letters);
    return sorted;
}

}  // namespace

ExitCode summarise(Letters& letters, const CommandLine& line, Console& console) {
    auto reader = letters.read(line.filter, Parts::headers);
    const auto groups = count(reader, letters, console);
    std::uint64_t all = 0;
    std::uint64_t bytes = 0;
    const auto charset = console.out_is_terminal ? Charset::ascii : Charset::utf8;
    if (!line.json && !groups.empty()) console.out << summary_header();
    for (const auto& group : groups) {
        all += group.letters;
        bytes += group.bytes;
        console.out << (line.json ? summary_json(group, charset) : summary_row(group));
    }
    if (!line.json) console.out << fmt::format("{} letters, {} bytes of events\n", all, bytes);
    console.out << std::flush;
    return console.out.good() && !letters.interrupted() ? kDone : kIncomplete;
}

}  // namespace events::dlq
