#include "recount.hpp"

#include "common/events/time.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

namespace events::reporter {
namespace {

using Values = std::vector<std::optional<std::string>>;
using Rows = std::vector<const StoredEvent*>;

std::string age_group(std::int64_t age) {
    const std::vector<std::pair<int, const char*>> groups{
        {18, "0-17"}, {25, "18-24"}, {35, "25-34"}, {45, "35-44"}, {55, "45-54"}, {65, "55-64"}};
    for (const auto& [below, name] : groups) {
        if (age < below) return name;
    }
    return "65+";
}

std::string followers_group(std::int64_t followers) {
    if (followers < 1'000) return "0-999";
    if (followers < 10'000) return "1000-9999";
    if (followers < 100'000) return "10000-99999";
    return followers < 1'000'000 ? "100000-999999" : "1000000+";
}

std::optional<std::string> value_of(Key key, const StoredEvent& row) {
    switch (key) {
        case Key::source:
            return std::string{row.type->source.name()};
        case Key::funnel_stage:
            return std::string{to_string(row.type->stage)};
        case Key::event_type:
            return std::string{row.type->name};
        case Key::campaign_id:
            return row.campaign;
        case Key::gender:
            return row.gender;
        case Key::age_group:
            return row.age ? std::optional{age_group(*row.age)} : std::nullopt;
        case Key::country:
            return row.country;
        case Key::city:
            return row.city;
        case Key::device:
            return row.device;
        case Key::followers_group:
            return row.followers ? std::optional{followers_group(*row.followers)} : std::nullopt;
    }
    return std::nullopt;
}

/// The main figure, and the figures as JSON members.
std::pair<std::int64_t, std::string> figures(Category report, const Rows& rows) {
    const auto count = static_cast<std::int64_t>(rows.size());
    if (report == Category::events) return {count, fmt::format("\"count\":{}", count)};
    if (report == Category::demographics) {
        std::set<std::pair<Source, std::string>> users;
        for (const auto* row : rows) users.emplace(row->type->source, row->user);
        return {users.size(), fmt::format("\"userCount\":{}", users.size())};
    }
    std::int64_t sum = 0;
    for (const auto* row : rows) sum += *row->cents;
    return {sum, fmt::format(R"("revenue":{},"transactions":{},"averageOrderValue":{})", money(sum),
                             count, count == 0 ? "null" : money((2 * sum + count) / (2 * count)))};
}

std::string series(Category report, const Rows& rows, Timestamp first, Timestamp last,
                   std::chrono::seconds interval) {
    std::map<Timestamp, Rows> buckets;
    const auto floor = [&](Timestamp time) {
        const auto rest = time.time_since_epoch() % interval;
        return time - (rest.count() < 0 ? rest + interval : rest);
    };
    for (auto start = floor(first); start <= last; start += interval) buckets[start] = {};
    for (const auto* row : rows) buckets.at(floor(row->at)).push_back(row);
    std::string text;
    for (const auto& [start, in_bucket] : buckets) {
        text +=
            fmt::format("{}{{\"time\":\"{}Z\",{}}}", text.empty() ? "" : ",",
                        format_timestamp(start).substr(0, 19), figures(report, in_bucket).second);
    }
    return "[" + text + "]";
}

/// Null comes last.
bool key_less(const Values& a, const Values& b) {
    return std::ranges::lexicographical_compare(a, b, [](const auto& x, const auto& y) {
        if (!x || !y) return x.has_value() && !y.has_value();
        return *x < *y;
    });
}

class Recount {
  public:
    Recount(Category report, const std::vector<StoredEvent>& rows, const AskedFilter& filter,
            const Grouping& grouping)
        : report_{report}, grouping_{grouping} {
        for (const auto& row : rows) {
            const bool counts = report != Category::revenue || (row.type->has_revenue && row.cents);
            if (counts && filter.matches(row)) rows_.push_back(&row);
        }
        if (!rows_.empty()) {
            first_ = (*std::ranges::min_element(rows_, {}, &StoredEvent::at))->at;
            last_ = (*std::ranges::max_element(rows_, {}, &StoredEvent::at))->at;
        }
        has_bounds_ = !rows_.empty();
        const auto from =
            filter.from
                ? std::optional<Timestamp>{Timestamp{std::chrono::milliseconds{*filter.from}}}
                : filter.exact_from;
        const auto to =
            filter.to ? std::optional<Timestamp>{Timestamp{std::chrono::milliseconds{*filter.to}}}
                      : filter.exact_to;
        if (from && to) has_bounds_ = true;
        if (from) first_ = *from;
        if (to) last_ = *to;
    }

    [[nodiscard]] std::string answer() const {
        std::string text = "{" + figures(report_, rows_).second;
        if (!grouping_.keys.empty()) text += groups();
        if (grouping_.interval) text += ",\"series\":" + series_of(rows_);
        return text + "}";
    }

  private:
    [[nodiscard]] std::string series_of(const Rows& rows) const {
        if (!has_bounds_) return "[]";
        return series(report_, rows, first_, last_, *grouping_.interval);
    }

    [[nodiscard]] std::string groups() const {
        std::map<Values, Rows> by_key;
        for (const auto* row : rows_) {
            Values values;
            for (const auto key : grouping_.keys) values.push_back(value_of(key, *row));
            by_key[values].push_back(row);
        }
        std::vector<std::pair<Values, Rows>> sorted{by_key.begin(), by_key.end()};
        std::ranges::sort(sorted, [&](const auto& a, const auto& b) {
            const auto left = figures(report_, a.second).first;
            const auto right = figures(report_, b.second).first;
            return left != right ? left > right : key_less(a.first, b.first);
        });
        std::string text;
        for (std::size_t i = 0; i < std::min(grouping_.limit, sorted.size()); ++i) {
            text += text.empty() ? "{" : ",{";
            for (std::size_t key = 0; key < grouping_.keys.size(); ++key) {
                const auto& value = sorted[i].first[key];
                text += fmt::format("\"{}\":{},", name_in(kKeys, grouping_.keys[key]),
                                    value ? nlohmann::json(*value).dump() : "null");
            }
            text += figures(report_, sorted[i].second).second;
            if (grouping_.interval) text += ",\"series\":" + series_of(sorted[i].second);
            text += "}";
        }
        return fmt::format(",\"groups\":[{}],\"truncated\":{}", text,
                           sorted.size() > grouping_.limit);
    }

    Category report_;
    const Grouping& grouping_;
    Rows rows_;
    Timestamp first_{};
    Timestamp last_{};
    bool has_bounds_ = false;
};

}  // namespace

std::string Grouping::query() const {
    std::string text;
    for (const auto key : keys) {
        text += fmt::format("{}{}", text.empty() ? "&groupBy=" : ",", name_in(kKeys, key));
    }
    if (!keys.empty()) text += fmt::format("&limit={}", limit);
    if (interval) {
        text += fmt::format("&interval={}", *interval == std::chrono::minutes{1} ? "minute"
                                            : *interval == std::chrono::hours{1} ? "hour"
                                                                                 : "day");
    }
    return text;
}

std::string recount(Category report, const std::vector<StoredEvent>& rows,
                    const AskedFilter& filter, const Grouping& grouping) {
    return Recount{report, rows, filter, grouping}.answer();
}

}  // namespace events::reporter
