#include "random_filter.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace events::reporter {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

class Chooser {
  public:
    Chooser(const std::vector<StoredEvent>& rows, std::mt19937& random)
        : rows_{rows}, random_{random} {}

    const StoredEvent& row() {
        return rows_[std::uniform_int_distribution<std::size_t>{0, rows_.size() - 1}(random_)];
    }
    bool one_in(int n) { return std::uniform_int_distribution{1, n}(random_) == 1; }

    /// Some row's value, if it has one.
    template <typename T>
    std::optional<T> some(std::optional<T> StoredEvent::*member) {
        return row().*member;
    }

  private:
    const std::vector<StoredEvent>& rows_;
    std::mt19937& random_;
};

/// Times at, or a microsecond beside, those of rows.
void choose_times(AskedFilter& filter, Chooser& choose) {
    auto first = choose.row().at;
    auto last = choose.row().at;
    if (last < first) std::swap(first, last);
    if (choose.one_in(3)) first += microseconds{1};
    if (choose.one_in(3)) last -= microseconds{1};
    if (last - first < milliseconds{2}) return;  // `to` must be later than `from`
    const auto to_milliseconds = [](Timestamp time) {
        return std::chrono::floor<milliseconds>(time).time_since_epoch().count();
    };
    if (choose.one_in(2)) {
        if (choose.one_in(2)) {
            filter.from = to_milliseconds(first);
        } else {
            filter.exact_from = first;
        }
    }
    if (choose.one_in(2)) {
        if (choose.one_in(2)) {
            filter.to = to_milliseconds(last);
        } else {
            filter.exact_to = last;
        }
    }
}

void choose_type(AskedFilter& filter, Chooser& choose) {
    const auto& type = *choose.row().type;
    if (choose.one_in(3)) filter.source = type.source;
    if (choose.one_in(4)) filter.stage = type.stage;
    if (choose.one_in(4)) filter.type = std::string{type.name};
}

void choose_range(std::optional<std::int64_t>& min, std::optional<std::int64_t>& max,
                  std::optional<std::int64_t> StoredEvent::*member, Chooser& choose) {
    if (choose.one_in(6)) min = choose.some(member);
    if (choose.one_in(6)) max = choose.some(member);
    if (min && max && *max < *min) std::swap(*min, *max);
}

void choose_people(AskedFilter& filter, Chooser& choose) {
    if (choose.one_in(8)) filter.age = choose.some(&StoredEvent::age);
    choose_range(filter.age_min, filter.age_max, &StoredEvent::age, choose);
    if (choose.one_in(6)) filter.gender = choose.some(&StoredEvent::gender);
    if (choose.one_in(6)) filter.country = choose.some(&StoredEvent::country);
    if (choose.one_in(6)) filter.city = choose.some(&StoredEvent::city);
    if (choose.one_in(12)) filter.followers = choose.some(&StoredEvent::followers);
    if (choose.one_in(3)) {
        choose_range(filter.followers_min, filter.followers_max, &StoredEvent::followers, choose);
    }
    if (choose.one_in(6)) filter.device = choose.some(&StoredEvent::device);
}

}  // namespace

AskedFilter random_filter(const std::vector<StoredEvent>& rows, std::mt19937& random) {
    Chooser choose{rows, random};
    AskedFilter filter;
    choose_times(filter, choose);
    choose_type(filter, choose);
    if (choose.one_in(2)) choose_people(filter, choose);
    if (choose.one_in(6)) filter.campaign = choose.some(&StoredEvent::campaign);
    if (filter.campaign && filter.campaign->empty()) filter.campaign.reset();
    return filter;
}

Grouping random_grouping(std::mt19937& random) {
    const auto below = [&](std::size_t count) {
        return std::uniform_int_distribution<std::size_t>{0, count - 1}(random);
    };
    Grouping grouping;
    std::vector<Key> keys;
    for (const auto& [name, key] : kKeys) keys.push_back(key);
    std::ranges::shuffle(keys, random);
    constexpr std::array<std::size_t, 6> kCounts{0, 0, 1, 1, 2, 4};
    keys.resize(kCounts.at(below(kCounts.size())));
    grouping.keys = std::move(keys);
    grouping.limit = below(2) == 0 ? 1 + below(5) : 300;
    constexpr std::array<std::chrono::seconds, 3> kLengths{
        std::chrono::hours{24}, std::chrono::hours{1}, std::chrono::minutes{1}};
    // Minutes with groups could be more cells than an answer may have.
    if (below(3) == 0) grouping.interval = kLengths.at(below(grouping.keys.empty() ? 3 : 2));
    return grouping;
}

}  // namespace events::reporter
