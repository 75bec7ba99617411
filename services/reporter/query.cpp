#include "reporter/query.hpp"

#include <fmt/format.h>

namespace events::reporter {
namespace {

using segments::Column;
using segments::Figure;

segments::Key column_of(Key key) {
    switch (key) {
        case Key::source:
            return {Column::source};
        case Key::funnel_stage:
            return {Column::funnel_stage};
        case Key::event_type:
            return {Column::event_type};
        case Key::campaign_id:
            return {Column::campaign_id};
        case Key::gender:
            return {Column::gender};
        case Key::age_group:
            return {Column::age, segments::kAgeGroups};
        case Key::country:
            return {Column::country};
        case Key::city:
            return {Column::city};
        case Key::device:
            return {Column::device};
        case Key::followers_group:
            return {Column::followers, segments::kFollowersGroups};
    }
    return {Column::source};
}

Figure figure_of(Category category) {
    switch (category) {
        case Category::events:
            return Figure::events;
        case Category::revenue:
            return Figure::revenue;
        case Category::demographics:
            return Figure::users;
    }
    return Figure::events;
}

/// Of the longest of its buckets, in microseconds; clocks that change even out over many of them.
std::uint64_t longest(Interval interval) {
    constexpr std::uint64_t kMinute = 60'000'000;
    constexpr auto kHour = 60 * kMinute;
    constexpr auto kDay = 24 * kHour;
    switch (interval) {
        case Interval::minute:
            return kMinute;
        case Interval::hour:
            return kHour;
        case Interval::day:
            return kDay;
        case Interval::week:
            return 7 * kDay;
        case Interval::month:
            return 31 * kDay;
    }
    return kDay;
}

}  // namespace

bool surely_more_than(std::size_t most, const segments::TimeRange& range,
                      Interval interval) noexcept {
    // Unsigned: it holds the longest range of all.
    const auto length =
        static_cast<std::uint64_t>(range.last) - static_cast<std::uint64_t>(range.first);
    return length / longest(interval) > most;
}

std::int64_t length_of(std::size_t buckets, Interval interval) noexcept {
    return static_cast<std::int64_t>(buckets * longest(interval));
}

BadParameter too_many_buckets() {
    return {"interval", fmt::format("gives more than {} buckets in this range", kMaxBuckets)};
}

segments::Question question_of(const Query& query) {
    segments::Question question{
        .figure = figure_of(query.category), .conditions = query.conditions, .limit = query.limit};
    if (query.from) question.from = query.from->time_since_epoch().count();
    if (query.to) question.to = query.to->time_since_epoch().count();
    for (const auto key : query.group_by) question.keys.push_back(column_of(key));
    return question;
}

}  // namespace events::reporter
