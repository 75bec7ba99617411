#include "keepers.hpp"

#include "capacity.hpp"

#include <iterator>
#include <utility>

namespace events::bench::scaling {

Keepers::Keepers(Machine& machine, const Setup& setup, std::function<bool(std::size_t)> idle)
    : machine_{machine}, setup_{setup}, idle_{std::move(idle)} {
    for (std::size_t source = 0; source < sources_.size(); ++source) pause(source);
}

void Keepers::stored(std::size_t source, const std::vector<Message>& batch) {
    for (const auto& message : batch) {
        const auto minute = static_cast<int>(message.taken / 60);
        sources_.at(source).unfolded[minute].events += static_cast<std::uint64_t>(message.events);
    }
}

std::uint64_t Keepers::unprofiled() const {
    std::uint64_t events = 0;
    for (const auto& source : sources_) {
        events += source.in_hand;
        for (const auto& [minute, its] : source.unfolded) events += its.events;
        for (const auto& [minute, its] : source.folded) events += its.events;
    }
    return events;
}

void Keepers::pause(std::size_t source) {
    machine_.at(machine_.now() + setup_.keeper_interval, [this, source] { round(source); });
}

void Keepers::round(std::size_t source) {
    const auto began = machine_.now();
    if (folding_) return profile(source, began);
    std::uint64_t events = 0;
    for (auto& [minutes, folded, in_hand] : sources_) {
        for (const auto& [minute, its] : std::exchange(minutes, {})) {
            events += its.events;
            folded[minute].events += its.events;
            folded[minute].marked = std::nullopt;
        }
    }
    folding_ = true;
    const auto folding = setup_.cpu.fold * static_cast<double>(events);
    machine_.compute(Process::database, folding, [this, source, began] {
        folding_ = false;
        for (auto& each : sources_) {
            for (auto& [minute, its] : each.folded) {
                if (!its.marked) its.marked = machine_.now();
            }
        }
        profile(source, began);
    });
}

void Keepers::profile(std::size_t source, double round_began) {
    const auto now = machine_.now();
    if (!setup_.profiles || !idle_(source) || now - round_began >= setup_.keeper_interval) {
        return pause(source);
    }
    auto& its = sources_.at(source);
    std::uint64_t events = 0;
    for (auto minute = its.folded.begin();
         minute != its.folded.end() && events < setup_.events_per_profiling;) {
        const auto& [count, marked] = minute->second;
        const bool ready = marked && now - *marked >= setup_.settled;
        if (ready) events += count;
        minute = ready ? its.folded.erase(minute) : std::next(minute);
    }
    if (events == 0) return pause(source);
    its.in_hand = events;
    const auto each = profile_cost(setup_.cpu, setup_.new_users);
    machine_.compute(Process::database, each * static_cast<double>(events),
                     [this, source, round_began] {
                         sources_.at(source).in_hand = 0;
                         profile(source, round_began);
                     });
}

}  // namespace events::bench::scaling
