#include "common/events/time.hpp"
#include "dlq/commands.hpp"
#include "dlq/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace events::dlq {
namespace {

struct Group {
    std::uint64_t letters = 0;
    std::uint64_t bytes = 0;
    Timestamp first = Timestamp::max();
    Timestamp last = Timestamp::min();
};

using Key = std::pair<std::string, std::string>;  ///< code and subject
using Groups = std::vector<std::pair<Key, Group>>;

/// The largest first.
Groups count(LetterReader& reader, const Letters& letters, Console& console) {
    std::map<Key, Group> groups;
    Progress progress{console, "counted", reader.total()};
    while (const auto letter = reader.next()) {
        auto& group = groups[{letter->code, letter->subject}];
        ++group.letters;
        group.bytes += letter->bytes;
        group.first = std::min(group.first, letter->failed_at);
        group.last = std::max(group.last, letter->failed_at);
        progress.update(reader.looked_at());
        if (letters.interrupted()) break;
    }
    Groups sorted{groups.begin(), groups.end()};
    std::ranges::stable_sort(
        sorted, [](const auto& a, const auto& b) { return a.second.letters > b.second.letters; });
    return sorted;
}

std::string as_json(const Key& key, const Group& group, bool ascii) {
    const nlohmann::ordered_json object{{"code", key.first},
                                        {"subject", key.second},
                                        {"letters", group.letters},
                                        {"bytes", group.bytes},
                                        {"first", format_timestamp(group.first)},
                                        {"last", format_timestamp(group.last)}};
    return object.dump(-1, ' ', ascii, nlohmann::json::error_handler_t::replace);
}

}  // namespace

ExitCode summarise(Letters& letters, const CommandLine& line, Console& console) {
    auto reader = letters.read(line.filter, Parts::headers);
    const auto groups = count(reader, letters, console);
    std::uint64_t all = 0;
    std::uint64_t bytes = 0;
    if (!line.json && !groups.empty()) {
        console.out << fmt::format("{:>9}  {:>11}  {:<20}  {:<14}  {:<27}  {}\n", "LETTERS",
                                   "BYTES", "CODE", "SUBJECT", "FIRST", "LAST");
    }
    for (const auto& [key, group] : groups) {
        all += group.letters;
        bytes += group.bytes;
        if (line.json) {
            console.out << as_json(key, group, console.out_is_terminal) << "\n";
            continue;
        }
        console.out << fmt::format("{:>9}  {:>11}  {:<20}  {:<14}  {}  {}\n", group.letters,
                                   group.bytes, abridged(key.first, 20), abridged(key.second, 14),
                                   format_timestamp(group.first), format_timestamp(group.last));
    }
    if (!line.json) console.out << fmt::format("{} letters, {} bytes of events\n", all, bytes);
    console.out << std::flush;
    return console.out.good() && !letters.interrupted() ? kDone : kIncomplete;
}

}  // namespace events::dlq
