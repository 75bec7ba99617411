#include "unit/segments/recount.hpp"

#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <tuple>

namespace events::segments {
namespace {

using Text = std::optional<std::string>;
using Keys = std::vector<Text>;
using User = std::pair<Source, std::string>;

constexpr std::int64_t kMinute = 60'000'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kMarch = 20'513 * kDay;  // 2026-03-01

std::optional<std::string_view> view(const Text& text) {
    return text ? std::optional<std::string_view>{*text} : std::nullopt;
}

Text text_of(const Sample& sample, Column column) {
    switch (column) {
        case Column::source:
            return std::string{sample.source.name()};
        case Column::funnel_stage:
            return sample.funnel_stage;
        case Column::event_type:
            return sample.event_type;
        case Column::campaign_id:
            return sample.campaign_id;
        case Column::country:
            return sample.country;
        case Column::city:
            return sample.city;
        case Column::gender:
            return sample.gender;
        case Column::device:
            return sample.device;
        default:
            return std::nullopt;
    }
}

std::optional<std::int64_t> number_of(const Sample& sample, Column column) {
    if (column == Column::age) return sample.age;
    if (column == Column::followers) return sample.followers;
    return column == Column::revenue ? sample.revenue : std::nullopt;
}

bool meets(const Sample& sample, const Condition& condition) {
    if (const auto* text = std::get_if<std::string>(&condition.value)) {
        return text_of(sample, condition.column) == *text;
    }
    const auto [min, max] = std::get<NumberRange>(condition.value);
    const auto number = number_of(sample, condition.column);
    return number && *number >= min && *number <= max;
}

Text key_of(const Sample& sample, const Key& key) {
    if (key.groups.empty()) return text_of(sample, key.column);
    const auto number = number_of(sample, key.column);
    if (!number) return std::nullopt;
    auto name = key.groups.front().name;
    for (const auto& group : key.groups) {
        if (*number >= group.first) name = group.name;
    }
    return std::string{name};
}

/// The figures of some samples: counts by user as well, of which those above 0 are counted.
struct Counts {
    Figures figures;
    std::map<User, std::int64_t> users;

    void add(const Sample& sample, Figure figure) {
        const auto sign = sample.taken_back ? -1 : 1;
        if (figure == Figure::users) {
            users[{sample.source, sample.user_id}] += sign;
            return;
        }
        figures.count += sign;
        if (figure == Figure::revenue) figures.cents += Cents128{*sample.revenue} * sign;
    }
    [[nodiscard]] Figures result() const {
        auto all = figures;
        all.count += std::ranges::count_if(users, [](const auto& user) { return user.second > 0; });
        return all;
    }
};

/// Null is last.
bool is_less(const Keys& left, const Keys& right) {
    const auto order = [](const Text& text) { return std::pair{!text, text.value_or("")}; };
    return std::ranges::lexicographical_compare(left, right, {}, order, order);
}

void add_groups(const Question& question, const std::map<Keys, Counts>& groups,
                std::map<std::pair<Keys, std::size_t>, Counts>& cells, Answer& answer) {
    for (const auto& [keys, counts] : groups) {
        if (counts.result().count != 0) answer.groups.push_back({keys, counts.result(), {}});
    }
    std::ranges::sort(answer.groups, [&](const Group& left, const Group& right) {
        const auto figure = [&](const Group& group) {
            return question.figure == Figure::revenue ? group.figures.cents : group.figures.count;
        };
        if (figure(left) != figure(right)) return figure(left) > figure(right);
        return is_less(left.keys, right.keys);
    });
    answer.truncated = answer.groups.size() > question.limit;
    if (answer.truncated) answer.groups.resize(question.limit);
    for (auto& group : answer.groups) {
        for (std::size_t bucket = 0; bucket < question.buckets.size(); ++bucket) {
            group.series.push_back(cells[{group.keys, bucket}].result());
        }
    }
}

template <typename Values>
Text any_or_null(Dice& dice, const Values& values) {
    if (dice.one_in(6)) return std::nullopt;
    return std::string{dice.of(values)};
}

constexpr std::array<std::string_view, 6> kCountries{"Germany",       "France", "",
                                                     "Côte d'Ivoire", "日本",   "germany"};
constexpr std::array<std::string_view, 5> kCities{"Köln", "Paris", "", "Abidjan", "東京"};
constexpr std::array<std::string_view, 4> kCampaigns{"spring", "summer", "", "Spring"};
constexpr std::array<std::int64_t, 9> kFollowers{0,      999,           1'000,
                                                 12'345, 4'294'967'295, 4'294'967'296,
                                                 70'000, 1'000'000,     9'223'372'036'854'775'807};
constexpr std::array<std::int64_t, 5> kAmounts{0, 1, 1'250, 99'999'999'999'999, 4'294'967'296};

std::string random_user(Dice& dice) {
    const auto number = dice.below(40);
    if (number < 25) {
        return fmt::format("{:08x}-0000-4000-8000-{:012x}", (number % 5) * 0x3333'3333, number);
    }
    // Others: a UUID in capitals, one in the wrong form, one that another one's hash could be.
    if (number < 30) return fmt::format("{:08X}-0000-4000-8000-{:012X}", 0xabcd'ef00, number);
    return number == 30 ? std::string{} : fmt::format("user {}", number);
}

std::int64_t random_time(Dice& dice) {
    const auto whole = kMarch + static_cast<std::int64_t>(dice.below(3 * 24 * 60)) * kMinute;
    switch (dice.below(8)) {
        case 0:
            return whole;
        case 1:
            return whole - 1;
        case 2:
            return kMarch + static_cast<std::int64_t>(dice.below(4)) * kDay -
                   static_cast<std::int64_t>(dice.below(2));
        case 3:
            return kMarch + kHour + static_cast<std::int64_t>(dice.below(5));
        case 4:
            return dice.one_in(8) ? -kDay - static_cast<std::int64_t>(dice.below(3)) : whole + 1;
        default:
            return whole + static_cast<std::int64_t>(dice.below(kMinute));
    }
}

Condition random_condition(Dice& dice) {
    const auto number = [&](Column column, std::int64_t from, std::uint64_t length) {
        const auto min = from + static_cast<std::int64_t>(dice.below(length));
        if (dice.one_in(3)) return Condition{column, NumberRange{min, min}};
        if (dice.one_in(2)) return Condition{column, NumberRange{.min = min}};
        return Condition{column, NumberRange{.max = min}};
    };
    switch (dice.below(12)) {
        case 0:
            return {Column::source, std::string{dice.of(sources()).name()}};
        case 1:
            return {Column::funnel_stage, std::string{dice.of(kFunnelStages).first}};
        case 2:
        case 3:
            return {Column::event_type, std::string{dice.of(event_types()).name}};
        case 4:
            return {Column::campaign_id, std::string{dice.of(kCampaigns)}};
        case 5:
            return {Column::country, std::string{dice.of(kCountries)}};
        case 6:
            return {Column::city, std::string{dice.of(kCities)}};
        case 7:
            return {Column::gender, std::string{dice.of(facebook::kGenders)}};
        case 8:
            return {Column::device, std::string{dice.of(tiktok::kDevices)}};
        case 9:
            return {Column::device, std::string{dice.of(facebook::kDevices)}};
        case 10:
            return number(Column::age, 10, 80);
        default: {
            const auto followers = dice.of(kFollowers);
            return {Column::followers, dice.one_in(2) ? NumberRange{.min = followers}
                                                      : NumberRange{followers, followers}};
        }
    }
}

const std::array<Key, 10> kKeys{{{Column::source},
                                 {Column::funnel_stage},
                                 {Column::event_type},
                                 {Column::campaign_id},
                                 {Column::country},
                                 {Column::city},
                                 {Column::gender},
                                 {Column::device},
                                 {Column::age, kAgeGroups},
                                 {Column::followers, kFollowersGroups}}};

}  // namespace

Record record_of(const Sample& sample) {
    return {.user_id = sample.user_id,
            .occurred_at = Timestamp{std::chrono::microseconds{sample.time}},
            .funnel_stage = sample.funnel_stage,
            .event_type = sample.event_type,
            .campaign_id = view(sample.campaign_id),
            .country = view(sample.country),
            .city = view(sample.city),
            .gender = view(sample.gender),
            .device = view(sample.device),
            .age = sample.age,
            .followers = sample.followers,
            .revenue = sample.revenue,
            .taken_back = sample.taken_back};
}

std::vector<Record> records_of(std::span<const Sample> samples) {
    std::vector<Record> records;
    for (const auto& sample : samples) records.push_back(record_of(sample));
    return records;
}

Segment segment_of(std::span<const Sample> samples, const Seed& seed) {
    return decoded(encode(samples.front().source, records_of(samples), seed).value().bytes);
}

Segment decoded(std::vector<std::byte> bytes) {
    auto segment = Segment::decode(blob_of(std::move(bytes)));
    if (!segment) {
        std::fputs(segment.error().c_str(), stderr);
        std::abort();
    }
    return *std::move(segment);
}

Answer recount(const Question& question, std::span<const Sample> samples) {
    Counts total;
    std::map<Keys, Counts> groups;
    std::vector<Counts> buckets(question.buckets.size());
    std::map<std::pair<Keys, std::size_t>, Counts> cells;
    for (const auto& sample : samples) {
        const auto meets_it = [&](const auto& condition) { return meets(sample, condition); };
        if (sample.time < question.from || sample.time > question.to) continue;
        if (question.figure == Figure::revenue && !sample.revenue) continue;
        if (!std::ranges::all_of(question.conditions, meets_it)) continue;
        Keys keys;
        for (const auto& key : question.keys) keys.push_back(key_of(sample, key));
        total.add(sample, question.figure);
        if (!keys.empty()) groups[keys].add(sample, question.figure);
        if (buckets.empty()) continue;
        std::size_t bucket = 0;
        while (bucket + 1 < buckets.size() && sample.time >= question.buckets[bucket + 1]) ++bucket;
        buckets[bucket].add(sample, question.figure);
        cells[{keys, bucket}].add(sample, question.figure);
    }
    Answer answer{.total = total.result(), .groups = {}, .series = {}};
    for (const auto& bucket : buckets) answer.series.push_back(bucket.result());
    if (!question.keys.empty()) add_groups(question, groups, cells, answer);
    return answer;
}

std::optional<TimeRange> recount_span(Question question, std::span<const Sample> samples,
                                      std::int64_t unit) {
    std::map<std::int64_t, std::int64_t> counts;  // by unit
    question.keys.clear();
    question.figure = question.figure == Figure::revenue ? Figure::revenue : Figure::events;
    for (const auto& sample : samples) {
        const auto count = recount(question, std::span{&sample, 1}).total.count;
        const auto rest = sample.time % unit;
        counts[sample.time - rest - (rest < 0 ? unit : 0)] += count;
    }
    std::erase_if(counts, [](const auto& count) { return count.second == 0; });
    if (counts.empty()) return std::nullopt;
    return TimeRange{counts.begin()->first, counts.rbegin()->first + unit - 1};
}

Sample random_sample(Dice& dice, Source source) {
    const auto& type = [&]() -> const EventType& {
        for (;;) {
            const auto& any = dice.of(event_types());
            if (any.source == source) return any;
        }
    }();
    Sample sample{.source = source,
                  .user_id = random_user(dice),
                  .time = random_time(dice),
                  .funnel_stage = std::string{to_string(type.stage)},
                  .event_type = std::string{type.name}};
    if (type.has_revenue && !dice.one_in(4)) sample.revenue = dice.of(kAmounts);
    sample.country = any_or_null(dice, kCountries);
    if (source == kFacebook) {
        sample.campaign_id = any_or_null(dice, kCampaigns);
        sample.city = any_or_null(dice, kCities);
        sample.gender = any_or_null(dice, facebook::kGenders);
        sample.device = any_or_null(dice, facebook::kDevices);
        sample.age = static_cast<std::int64_t>(dice.below(100));
        if (dice.one_in(8)) sample.age.reset();
    } else {
        sample.device = any_or_null(dice, tiktok::kDevices);
        sample.followers = dice.of(kFollowers);
        if (dice.one_in(8)) sample.followers.reset();
    }
    return sample;
}

Question random_question(Dice& dice) {
    Question question;
    question.figure = static_cast<Figure>(dice.below(3));
    for (auto count = dice.below(4); count > 0; --count) {
        if (dice.one_in(2)) question.conditions.push_back(random_condition(dice));
    }
    if (dice.one_in(2)) question.from = random_time(dice);
    if (dice.one_in(2)) question.to = std::max(question.from, random_time(dice));
    for (auto count = dice.below(4); count > 0; --count) question.keys.push_back(dice.of(kKeys));
    question.limit = dice.one_in(3) ? 1 + dice.below(4) : 1'000;
    constexpr std::array kSteps{kHour, kDay, 7 * kMinute, kHour / 2};
    const auto step = dice.of(kSteps);
    const auto shift = dice.one_in(2) ? 0 : static_cast<std::int64_t>(dice.below(3));
    for (std::int64_t bucket = 0; dice.one_in(2) || bucket > 0; ++bucket) {
        question.buckets.push_back(kMarch + bucket * step + shift);
        if (bucket == 80) break;
    }
    return question;
}

bool operator==(const Group& left, const Group& right) {
    return std::tie(left.keys, left.figures, left.series) ==
           std::tie(right.keys, right.figures, right.series);
}

bool operator==(const Answer& left, const Answer& right) {
    return std::tie(left.total, left.groups, left.truncated, left.series) ==
           std::tie(right.total, right.groups, right.truncated, right.series);
}

namespace {

std::string text_of(const Figures& figures) {
    return fmt::format("{}/{}", figures.count, static_cast<double>(figures.cents));
}

std::string text_of(const std::vector<Figures>& series) {
    std::string text;
    for (const auto& figures : series) text += " " + text_of(figures);
    return text;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Answer& answer) {
    out << "total " << text_of(answer.total) << (answer.truncated ? " truncated" : "") << '\n';
    for (const auto& group : answer.groups) {
        for (const auto& key : group.keys) out << key.value_or("null") << ' ';
        out << text_of(group.figures) << " |" << text_of(group.series) << '\n';
    }
    return out << "series" << text_of(answer.series) << '\n';
}

std::ostream& operator<<(std::ostream& out, const Question& question) {
    out << "figure " << static_cast<int>(question.figure) << " from " << question.from << " to "
        << question.to << " limit " << question.limit << " keys";
    for (const auto& key : question.keys) out << ' ' << static_cast<int>(key.column);
    out << " conditions";
    for (const auto& condition : question.conditions) {
        out << ' ' << static_cast<int>(condition.column) << '=';
        if (const auto* text = std::get_if<std::string>(&condition.value)) out << *text;
    }
    return out << " buckets " << question.buckets.size() << '\n';
}

}  // namespace events::segments
