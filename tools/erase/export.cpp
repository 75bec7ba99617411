#include "dlq/json_reader.hpp"
#include "dlq/letter_json.hpp"
#include "erase/erasure.hpp"
#include "erase/letters.hpp"
#include "erase/rows.hpp"
#include "erase/waiting.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>

namespace events::erase {
namespace {

/// What was sent, as JSON: itself where it is that, else a string with its text.
std::string json_of(std::string_view sent) {
    if (dlq::is_json(sent)) return std::string{sent};
    return nlohmann::json(sent).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

bool export_all(const Systems& systems, Persons persons, const std::vector<Source>& sources,
                const std::function<void(std::string_view line)>& print) {
    for (const auto& partition : partitions_of(systems.database, sources)) {
        if (systems.interrupted) return false;
        export_rows(systems.database, partition, persons, [&](std::string_view row) {
            print(fmt::format(R"({{"kind":"row","source":"{}","event":{}}})",
                              partition.source.name(), row));
        });
    }
    const Mentions mentions{persons};
    dlq::Letters letters{systems.broker, systems.interrupted};
    const auto only = sources.size() == 1 ? std::optional{sources.front()} : std::nullopt;
    const bool all_letters =
        find_letters(letters, mentions, only, [&](const auto& letter, const auto&) {
            print(fmt::format(R"({{"kind":"deadLetter","letter":{}}})",
                              dlq::export_line(letter, dlq::Charset::utf8)));
        });
    Waiting waiting{systems.broker, mentions, systems.interrupted};
    bool all_waiting = all_letters;
    for (const auto source : sources) {
        all_waiting = all_waiting && waiting.find(source, [&](const auto& event, const auto&) {
            print(fmt::format(R"({{"kind":"waiting","source":"{}","receivedAt":{},"event":{}}})",
                              source.name(), nlohmann::json(event.received_at).dump(),
                              json_of(event.json)));
        });
    }
    return all_waiting;
}

}  // namespace events::erase
