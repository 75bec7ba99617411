#include "common/segments/tally.hpp"

#include <algorithm>

namespace events::segments {

Figures& Tally::at(Facet facet, std::size_t place) {
    auto& all = figures[facet];
    if (place >= all.size()) all.resize(std::max(place + 1, 2 * all.size()));
    return all[place];
}

void add_events(const Block& block, std::span<const Facet> facets, bool with_cents, Tally& tally) {
    const auto add = [&](std::size_t i, Figures& figures) {
        figures.count += block.signs[i];
        if (with_cents) figures.cents += Cents128{block.cents[i]} * block.signs[i];
    };
    for (std::size_t i = 0; i < block.size; ++i) add(i, tally.total);
    for (const auto facet : facets) {
        for (std::size_t i = 0; i < block.size; ++i)
            add(i, tally.at(facet, block.places[facet][i]));
    }
}

UserCounter::UserCounter(std::vector<Facet> facets, const Seed& seed)
    : seed_{seed}, facets_{std::move(facets)} {
    for (std::size_t i = 0; i < facets_.size(); ++i)
        facet_users_.push_back({{}, PairIds{seed}, {}});
}

void UserCounter::add(const Block& block) {
    find_users(block);
    for (std::size_t facet = 0; facet < facets_.size(); ++facet) {
        const auto& places = block.places[facets_[facet]];
        for (std::size_t i = 0; i < block.size; ++i) {
            facet_users_[facet].add(found_[i], places[i], block.signs[i]);
        }
    }
}

void UserCounter::find_users(const Block& block) {
    const auto* high = block.segment->high() + block.begin;
    const auto* low = block.segment->low() + block.begin;
    for (std::size_t i = 0; i < block.size; ++i) {
        const auto row = block.rows[i];
        const auto next = static_cast<std::uint32_t>(users_.size());
        const auto place =
            slots_.find_or_add(hash(high[row], low[row], seed_), next, [&](std::uint32_t user) {
                return users_[user].high == high[row] && users_[user].low == low[row];
            });
        if (place == next) users_.push_back({high[row], low[row], 0});
        users_[place].events += block.signs[i];
        found_[i] = place;
    }
}

void UserCounter::FacetUsers::add(std::uint32_t user, std::uint32_t place, std::int8_t sign) {
    if (user == firsts.size()) firsts.push_back({place, 0});
    if (firsts[user].place == place) {
        firsts[user].events += sign;
        return;
    }
    const auto other = others.id_of({user, place});
    if (other == events.size()) events.push_back(0);
    events[other] += sign;
}

void UserCounter::end_slice(Tally& tally) {
    for (const auto& user : users_) tally.total.count += user.events > 0 ? 1 : 0;
    users_.clear();
    slots_.clear();
    for (std::size_t i = 0; i < facets_.size(); ++i) {
        auto& [firsts, others, events] = facet_users_[i];
        for (const auto& [place, sum] : firsts)
            tally.at(facets_[i], place).count += sum > 0 ? 1 : 0;
        for (std::uint32_t other = 0; other < events.size(); ++other) {
            tally.at(facets_[i], others[other].second).count += events[other] > 0 ? 1 : 0;
        }
        firsts.clear();
        others.clear();
        events.clear();
    }
}

}  // namespace events::segments
