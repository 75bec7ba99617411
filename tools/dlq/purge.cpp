#include "dlq/commands.hpp"

#include <fmt/format.h>

#include <vector>

namespace events::dlq {
namespace {

/// The sequences of what the filter chooses.
std::vector<std::uint64_t> chosen(Letters& letters, const Filter& filter, Console& console) {
    auto reader = letters.read(filter, Parts::headers);
    std::vector<std::uint64_t> sequences;
    Progress progress{console, "looked at", reader.total()};
    while (const auto letter = reader.next()) {
        sequences.push_back(letter->sequence);
        if (letters.interrupted()) break;
        progress.update(reader.looked_at());
    }
    return sequences;
}

std::uint64_t remove(Letters& letters, const std::vector<std::uint64_t>& sequences,
                     Console& console) {
    std::uint64_t removed = 0;
    Progress progress{console, "deleted", sequences.size()};
    for (std::size_t i = 0; i < sequences.size() && !letters.interrupted(); ++i) {
        if (letters.remove(sequences[i])) ++removed;
        progress.update(i + 1);
    }
    return removed;
}

}  // namespace

ExitCode purge(Letters& letters, const CommandLine& line, Console& console) {
    const auto stream = letters.info();
    const auto sequences =
        line.all ? std::vector<std::uint64_t>{} : chosen(letters, line.filter, console);
    const auto count = line.all ? stream.messages : sequences.size();
    if (letters.interrupted()) return kIncomplete;
    if (count == 0) {
        console.out << "0 letters to delete\n" << std::flush;
        return kDone;
    }
    const auto question =
        fmt::format("{} of {} letters will be deleted, for ever.", count, stream.messages);
    if (!line.apply && !console.confirms(question)) {
        console.out << fmt::format("{} of {} letters would be deleted; --apply does it\n", count,
                                   stream.messages)
                    << std::flush;
        return kDone;
    }
    const auto removed =
        line.all ? letters.remove_until(stream.last_sequence) : remove(letters, sequences, console);
    console.out << fmt::format("{} letters deleted{}\n", removed,
                               letters.interrupted() ? ", then interrupted" : "")
                << std::flush;
    return letters.interrupted() ? kIncomplete : kDone;
}

}  // namespace events::dlq
