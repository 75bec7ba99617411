#include "erase/erasure.hpp"

#include "erase/letters.hpp"
#include "erase/rows.hpp"
#include "erase/waiting.hpp"
#include "erase/writers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace events::erase {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kTellAfter = 5s;

std::optional<Source> only(const std::vector<Source>& sources) {
    return sources.size() == 1 ? std::optional{sources.front()} : std::nullopt;
}

class Erasure {
  public:
    Erasure(const Systems& systems, Persons persons, const ErasureOptions& options)
        : systems_{systems},
          persons_{persons},
          options_{options},
          ledger_{systems.database},
          mentions_{persons} {
        outcome_.targets = targets_of(persons, options.sources);
    }

    Outcome run() {
        step(Step::add_to_ledger);
        erased_at_ = ledger_.begin(persons_, outcome_.targets, options_.occasion);
        outcome_.is_complete = wait() && rows() && letters() && waiting();
        if (outcome_.is_complete) {
            step(Step::finish);
            ledger_.finish(outcome_.targets);
        }
        return std::move(outcome_);
    }

  private:
    void step(Step next) const {
        if (options_.before_step) options_.before_step(next);
    }

    bool wait() {
        step(Step::await_writers);
        auto tell_at = SteadyClock::now() + kTellAfter;
        return await_writers(systems_.database, [&](std::string_view who) {
            if (options_.tell && SteadyClock::now() >= tell_at) {
                options_.tell(fmt::format("waits for transactions that write: {}", who));
                tell_at += kTellAfter;
            }
            return !systems_.interrupted;
        });
    }

    bool rows() {
        for (const auto& partition : partitions_of(systems_.database, options_.sources)) {
            if (systems_.interrupted) return false;
            step(Step::delete_rows);
            const auto deleted =
                delete_rows(systems_.database, partition, persons_, outcome_.targets, erased_at_);
            if (!deleted.rows.empty() || deleted.places.any()) {
                outcome_.partitions.push_back(partition);
            }
            for (auto& target : outcome_.targets) {
                const auto found = deleted.rows.find(persons_[target.person].id);
                if (target.source == partition.source && found != deleted.rows.end()) {
                    target.found.rows += found->second;
                }
            }
        }
        return true;
    }

    bool letters() {
        step(Step::look_for_letters);
        dlq::Letters letters{systems_.broker, systems_.interrupted};
        std::map<std::uint64_t, Target*> found;  // by sequence
        const bool all_read = find_letters(
            letters, mentions_, only(options_.sources), [&](const auto& letter, const auto& who) {
                found[letter.sequence] =
                    &target_of(outcome_.targets, *who.begin(),
                               source_of(letter).value_or(options_.sources.front()));
            });
        for (const auto& [sequence, target] : found) {
            if (systems_.interrupted) return false;
            step(Step::delete_letter);
            if (!letters.remove(sequence)) continue;  // somebody was quicker
            ++target->found.letters;
            ledger_.add(target->entry, {.letters = 1});
        }
        return all_read;
    }

    bool waiting() {
        step(Step::count_waiting);
        Waiting waiting{systems_.broker, mentions_, systems_.interrupted};
        std::map<Target*, std::int64_t> found;
        for (const auto source : options_.sources) {
            const bool all_read = waiting.find(source, [&](const auto&, const auto& who) {
                for (const auto person : who) ++found[&target_of(outcome_.targets, person, source)];
            });
            if (!all_read) return false;
        }
        for (const auto& [target, events] : found) {
            target->found.waiting_events = events;
            ledger_.add(target->entry, {.waiting_events = events});
        }
        return true;
    }

    const Systems& systems_;
    Persons persons_;
    const ErasureOptions& options_;
    Ledger ledger_;
    Mentions mentions_;
    std::string erased_at_;
    Outcome outcome_;
};

}  // namespace

Outcome erase(const Systems& systems, Persons persons, const ErasureOptions& options) {
    return Erasure{systems, persons, options}.run();
}

bool Inventory::any() const {
    return segments + changes > 0 ||
           std::ranges::any_of(targets, [](const Target& target) { return target.found.any(); });
}

Inventory take_inventory(const Systems& systems, Persons persons,
                         const std::vector<Source>& sources) {
    Inventory inventory;
    inventory.targets = targets_of(persons, sources);
    auto& targets = inventory.targets;
    for (const auto& partition : partitions_of(systems.database, sources)) {
        if (systems.interrupted) return inventory;
        const auto counted = count_rows(systems.database, partition, persons);
        inventory.segments += static_cast<std::int64_t>(counted.places.segments.size());
        inventory.changes += counted.places.changes;
        for (auto& target : targets) {
            const auto found = counted.rows.find(persons[target.person].id);
            if (target.source == partition.source && found != counted.rows.end()) {
                target.found.rows += found->second;
            }
        }
    }
    const Mentions mentions{persons};
    dlq::Letters letters{systems.broker, systems.interrupted};
    inventory.is_complete =
        find_letters(letters, mentions, only(sources), [&](const auto& letter, const auto& who) {
            const auto source = source_of(letter).value_or(sources.front());
            for (const auto person : who) ++target_of(targets, person, source).found.letters;
        });
    Waiting waiting{systems.broker, mentions, systems.interrupted};
    for (const auto source : sources) {
        inventory.is_complete =
            inventory.is_complete && waiting.find(source, [&](const auto&, const auto& who) {
                for (const auto person : who) {
                    ++target_of(targets, person, source).found.waiting_events;
                }
            });
    }
    return inventory;
}

}  // namespace events::erase
