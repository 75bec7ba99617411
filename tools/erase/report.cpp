#include "erase/report.hpp"

#include "dlq/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iterator>

namespace events::erase {
namespace {

using nlohmann::ordered_json;

ordered_json object_of(const Target& target) {
    ordered_json object{{"person", target.person + 1}, {"source", target.source.name()}};
    if (target.entry != 0) object["ledger"] = target.entry;
    object["rows"] = target.found.rows;
    object["letters"] = target.found.letters;
    object["waitingEvents"] = target.found.waiting_events;
    return object;
}

std::string dump(const ordered_json& object) {
    return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string line_of(const Target& target, bool several) {
    const auto person = several ? fmt::format("person {}, ", target.person + 1) : std::string{};
    return fmt::format("{}{}: {} rows, {} dead letters, {} waiting events", person,
                       target.source.name(), target.found.rows, target.found.letters,
                       target.found.waiting_events);
}

bool are_several(const std::vector<Target>& targets) {
    return !targets.empty() && targets.back().person > 0;
}

}  // namespace

std::string erased_text(const Outcome& outcome, bool json) {
    std::string text;
    for (const auto& target : outcome.targets) {
        if (json) {
            text += dump(object_of(target));
        } else {
            text += fmt::format("{} (ledger {})\n", line_of(target, are_several(outcome.targets)),
                                target.entry);
        }
    }
    if (json) return text;
    return text + (outcome.is_complete
                       ? "erased; what waits of them is dropped instead of stored\n"
                       : "interrupted: what waits of them is dropped instead of stored, the rest "
                         "needs another run\n");
}

std::string inventory_text(const Inventory& inventory, bool is_check, bool json) {
    std::string text;
    for (const auto& target : inventory.targets) {
        text +=
            json ? dump(object_of(target)) : line_of(target, are_several(inventory.targets)) + "\n";
    }
    if (json) {
        return text + dump({{"segments", inventory.segments},
                            {"changes", inventory.changes},
                            {"isComplete", inventory.is_complete}});
    }
    fmt::format_to(std::back_inserter(text),
                   "{} segments and {} changes have bytes of their events\n", inventory.segments,
                   inventory.changes);
    if (!inventory.is_complete) return text + "interrupted: there may be more\n";
    if (!is_check) return text + "nothing was changed\n";
    return text + (inventory.any() ? "something of them is there\n" : "nothing of them is there\n");
}

std::string ledger_text(std::span<const LedgerLine> lines, bool json) {
    std::string text;
    for (const auto& line : lines) {
        const auto& [requested_by, reason] = line.occasion;
        if (json) {
            text += dump({{"ledger", line.id},
                          {"source", line.source},
                          {"userHash", line.user_hash},
                          {"erasedAt", line.erased_at},
                          {"finishedAt", line.finished_at.empty() ? ordered_json{}
                                                                  : ordered_json(line.finished_at)},
                          {"requestedBy", requested_by},
                          {"reason", reason},
                          {"rows", line.removed.rows},
                          {"letters", line.removed.letters},
                          {"waitingEvents", line.removed.waiting_events}});
            continue;
        }
        fmt::format_to(std::back_inserter(text),
                       "{:>6}  {}  {:<8}  {}  {} rows, {} dead letters, {} waiting events{}{}{}\n",
                       line.id, line.erased_at, line.source, line.user_hash.substr(0, 16),
                       line.removed.rows, line.removed.letters, line.removed.waiting_events,
                       requested_by.empty() ? "" : "; asked by " + dlq::printable(requested_by),
                       reason.empty() ? "" : "; " + dlq::printable(reason),
                       line.finished_at.empty() ? "; NOT FINISHED" : "");
    }
    if (!json) fmt::format_to(std::back_inserter(text), "{} entries\n", lines.size());
    return text;
}

}  // namespace events::erase
