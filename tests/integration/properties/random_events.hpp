#pragma once

#include "common/collector/event_store.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace events::test {

/// Random numbers of our own: the library's distributions may differ between its versions.
class Random {
  public:
    explicit Random(std::uint64_t seed) : engine_{seed} {}

    /// From 0 to below `bound`.
    std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
    bool one_in(std::uint64_t times) { return below(times) == 0; }

  private:
    std::mt19937_64 engine_;
};

/// EVENTS_PROPERTY_SEED gives a run again.
[[nodiscard]] std::uint64_t choose_seed();

/// The first of the days that random events fall on, and how many follow.
inline constexpr std::chrono::sys_days kFirstDay{std::chrono::year{2026} / 3 / 1};
inline constexpr int kDays = 4;

/// Makes events as collectors decode them. Few users, countries and campaigns, so that questions
/// find several of each; ids that are UUIDs and others; amounts that are missing. They live as long
/// as it.
class RandomEvents {
  public:
    explicit RandomEvents(Random& random) : random_{random} {}

    /// New ones of one source, of one day or of several, one of them now and then before 2004; and
    /// some that were given before, where `with_known`.
    [[nodiscard]] std::vector<collector::StorableEvent> batch(Source source, std::size_t count,
                                                              bool with_known);

  private:
    collector::StorableEvent make(Source source, Timestamp time);
    Value value_for(const FieldSpec& field);
    Timestamp time_of(int day);
    std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
    std::string_view user();
    std::string_view one_of(std::string_view prefix, std::uint64_t different);
    Value amount();

    Random& random_;
    std::deque<std::string> texts_;
    std::map<Source, std::vector<collector::StorableEvent>> known_;  ///< the latest batch
    int made_ = 0;
};

}  // namespace events::test
