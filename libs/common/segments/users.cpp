#include "common/segments/users.hpp"

#include <algorithm>
#include <bit>

namespace events::segments {
namespace {

constexpr std::uint64_t kEach = 0x0101'0101'0101'0101;

/// The highest bit of each byte that is 0. Above the lowest of these, others can be wrong.
std::uint64_t zero_bytes(std::uint64_t bytes) {
    return (bytes - kEach) & ~bytes & (kEach << 7);
}

std::size_t first_byte(std::uint64_t bits) {
    return static_cast<std::size_t>(std::countr_zero(bits)) / 8;
}

}  // namespace

void UserTable::find_or_add(const std::uint64_t* high, const std::uint64_t* low,
                            const std::uint32_t* rows, std::size_t count, std::uint32_t* found) {
    // In locals, which stores to the tables can not change.
    auto* const all_tags = tags_.data();
    auto* const all_places = places_.data();
    auto* const users = users_.data();
    const auto seed = seed_;
    const auto mask = tags_.size() - 1;
    auto size = static_cast<std::uint32_t>(size_);
    const auto find = [&](Id id) {
        const auto hash = segments::hash(id.high, id.low, seed);
        const auto tag = hash >> 57 | 0x80;
        for (auto bucket = hash & mask;; bucket = (bucket + 1) & mask) {
            auto* places = all_places + kWays * bucket;
            const auto tags = all_tags[bucket];
            for (auto same = zero_bytes(tags ^ tag * kEach); same != 0; same &= same - 1) {
                const auto place = places[first_byte(same)];
                if (users[place].high == id.high && users[place].low == id.low) return place;
            }
            const auto free = zero_bytes(tags);
            if (free == 0) continue;
            const auto way = first_byte(free);
            all_tags[bucket] = tags | tag << (8 * way);
            users[size] = id;
            return places[way] = size++;
        }
    };
    for (std::size_t i = 0; i < count; ++i) found[i] = find({high[rows[i]], low[rows[i]]});
    size_ = size;
}

void UserTable::find_or_add(const Segment& segment, const Selection& rows, std::uint32_t* found) {
    while (size_ + rows.size > users_.size()) grow();
    find_or_add(segment.high() + rows.begin, segment.low() + rows.begin, rows.rows, rows.size,
                found);
}

void UserTable::grow() {
    const auto users = users_;
    const auto size = size_;
    resize(2 * tags_.size());
    const std::uint32_t first = 0;
    std::uint32_t found = 0;
    for (std::size_t i = 0; i < size; ++i) {
        find_or_add(&users[i].high, &users[i].low, &first, 1, &found);
    }
}

void UserTable::resize(std::size_t buckets) {
    tags_.assign(buckets, 0);
    places_.resize(kWays * buckets);
    users_.resize(kWays / 2 * buckets);
    size_ = 0;
}

void UserCounter::add(const Block& block, std::vector<Counters>& counters) {
    users_.find_or_add(*block.plan->segment, block.rows, found_.data());
    if (is_signed_) {
        events_.resize(users_.size());
        for (std::size_t i = 0; i < block.rows.size; ++i) events_[found_[i]] += block.signs[i];
    }
    for (std::size_t i = 0; i < facets_.size(); ++i) {
        const std::span places{block.places[i].data(), block.rows.size};
        if (is_signed_) {
            add_signed_places(facets_[i], places, block.signs);
        } else {
            add_places(facets_[i], places, counters[i]);
        }
    }
}

void UserCounter::add_places(FacetUsers& facet, std::span<const std::uint32_t> places,
                             Counters& counters) {
    facet.firsts.resize(std::max(facet.firsts.size(), users_.size()));
    auto* const firsts = facet.firsts.data();
    auto known = facet.known;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const auto user = found_[i];
        const auto place = places[i];
        if (user == known) {
            firsts[known++] = place;
            counters.add(place, 1);
        } else if (firsts[user] != place) {
            const auto others = facet.others.size();
            if (facet.others.id_of({user, place}) == others) counters.add(place, 1);
        }
    }
    facet.known = known;
}

void UserCounter::add_signed_places(FacetUsers& facet, std::span<const std::uint32_t> places,
                                    const std::int8_t* signs) {
    for (std::size_t i = 0; i < places.size(); ++i) {
        const auto place = facet.others.id_of({found_[i], places[i]});
        if (place == facet.events.size()) facet.events.push_back(0);
        facet.events[place] += signs[i];
    }
}

std::int64_t UserCounter::end_slice(std::vector<Counters>& counters) {
    const auto is_left = [](std::int64_t events) { return events > 0; };
    const auto users = is_signed_ ? std::ranges::count_if(events_, is_left)
                                  : static_cast<std::int64_t>(users_.size());
    users_.clear();
    events_.clear();
    for (std::size_t i = 0; i < facets_.size(); ++i) {
        auto& [firsts, known, others, events] = facets_[i];
        for (std::uint32_t other = 0; other < events.size(); ++other) {
            if (events[other] > 0) counters[i].add(others[other].second, 1);
        }
        known = 0;
        others.clear();
        events.clear();
    }
    return users;
}

}  // namespace events::segments
