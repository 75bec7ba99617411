#include "report_questions.hpp"

#include "common/events/time.hpp"

#include <fmt/format.h>

#include <regex>
#include <stdexcept>
#include <string_view>

namespace events::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kPaid =
    "event_type IN ('checkout.complete', 'purchase') AND purchase_amount IS NOT NULL";

std::string of_both(std::string_view columns, std::string_view condition) {
    return fmt::format(
        "(SELECT {0} FROM facebook_events WHERE {1} UNION ALL SELECT {0} FROM tiktok_events "
        "WHERE {1}) AS r",
        columns, condition);
}

std::string count(std::string_view condition) {
    return "SELECT count(*) FROM " + of_both("1", condition);
}

std::string revenue(std::string_view condition) {
    return "SELECT coalesce(sum(purchase_amount), 0)::numeric(16, 2) FROM " +
           of_both("purchase_amount", fmt::format("{} AND {}", kPaid, condition));
}

std::string facebook_users(std::string_view condition) {
    return fmt::format("SELECT count(DISTINCT user_id) FROM facebook_events WHERE {}", condition);
}

std::string users(std::string_view condition) {
    return fmt::format(
        "SELECT (SELECT count(DISTINCT user_id) FROM facebook_events WHERE {0}) + "
        "(SELECT count(DISTINCT user_id) FROM tiktok_events WHERE {0})",
        condition);
}

struct Range {
    Range(Timestamp from, Timestamp to)
        : query{fmt::format("from={}&to={}", format_timestamp(from), format_timestamp(to))},
          condition{fmt::format("occurred_at BETWEEN '{}' AND '{}'", format_timestamp(from),
                                format_timestamp(to))} {}
    std::string query;
    std::string condition;
};

void add_sums(std::vector<Question>& all, const Range& hour, const Range& week) {
    all.insert(
        all.end(),
        {
            {"events", "events", count("true")},
            {"events, a source and type", "events?source=tiktok&eventType=like",
             "SELECT count(*) FROM tiktok_events WHERE event_type = 'like'"},
            {"events, a ragged hour", "events?" + hour.query, count(hour.condition)},
            {"events, a ragged week", "events?" + week.query, count(week.condition)},
            {"events, country and device", "events?country=Japan&device=mobile",
             count("country = 'Japan' AND device = 'mobile'")},
            {"events, age, gender, stage, week",
             "events?ageMin=25&ageMax=34&gender=female&funnelStage=bottom&" + week.query,
             "SELECT count(*) FROM facebook_events WHERE age BETWEEN 25 AND 34 AND gender = "
             "'female' "
             "AND funnel_stage = 'bottom' AND " +
                 week.condition},
            {"events by type", "events?groupBy=eventType",
             "SELECT event_type, count(*) FROM " + of_both("event_type", "true") + " GROUP BY 1"},
            {"events by country and gender", "events?source=facebook&groupBy=country,gender",
             "SELECT country, gender, count(*) FROM facebook_events GROUP BY 1, 2"},
            {"events per hour", "events?interval=hour",
             "SELECT date_trunc('hour', occurred_at), count(*) FROM " +
                 of_both("occurred_at", "true") + " GROUP BY 1"},
            {"events per day in Berlin", "events?interval=day&tz=Europe/Berlin",
             "SELECT date_trunc('day', occurred_at, 'Europe/Berlin'), count(*) FROM " +
                 of_both("occurred_at", "true") + " GROUP BY 1"},
            {"revenue", "revenue", revenue("true")},
            {"revenue, a ragged week", "revenue?" + week.query, revenue(week.condition)},
            {"revenue, age and gender", "revenue?ageMin=25&ageMax=34&gender=female",
             fmt::format("SELECT coalesce(sum(purchase_amount), 0)::numeric(16, 2) FROM "
                         "facebook_events WHERE {} AND age BETWEEN 25 AND 34 AND gender = 'female'",
                         kPaid)},
            {"revenue of a campaign", "revenue?campaignId=campaign-1",
             fmt::format("SELECT coalesce(sum(purchase_amount), 0)::numeric(16, 2) FROM "
                         "facebook_events WHERE campaign_id = 'campaign-1' AND {}",
                         kPaid)},
            {"revenue by campaign", "revenue?groupBy=campaignId",
             fmt::format(
                 "SELECT campaign_id, sum(purchase_amount) AS s FROM facebook_events WHERE {} "
                 "GROUP BY 1 ORDER BY 2 DESC LIMIT 100",
                 kPaid)},
            {"revenue by country", "revenue?groupBy=country",
             fmt::format("SELECT country, sum(purchase_amount) FROM {} GROUP BY 1",
                         of_both("country, purchase_amount", kPaid))},
        });
}

void add_users(std::vector<Question>& all, const Range& hour, const Range& week) {
    all.insert(
        all.end(),
        {
            {"users", "demographics", users("true")},
            {"users, a gender", "demographics?gender=female", facebook_users("gender = 'female'")},
            {"users, age and country", "demographics?ageMin=25&ageMax=34&country=Japan",
             facebook_users("age BETWEEN 25 AND 34 AND country = 'Japan'")},
            {"users, a type and a device", "demographics?eventType=ad.click&device=mobile",
             facebook_users("event_type = 'ad.click' AND device = 'mobile'")},
            {"users by age group", "demographics?source=facebook&groupBy=ageGroup",
             "SELECT width_bucket(age, '{18, 25, 35, 45, 55, 65}'::smallint[]), "
             "count(DISTINCT user_id) FROM facebook_events GROUP BY 1"},
            {"users by country", "demographics?source=facebook&groupBy=country",
             "SELECT country, count(DISTINCT user_id) FROM facebook_events GROUP BY 1"},
            {"users per day", "demographics?source=facebook&interval=day",
             "SELECT date_trunc('day', occurred_at), count(DISTINCT user_id) FROM facebook_events "
             "GROUP BY 1"},
            {"users of a city", "demographics?city=Lagos", facebook_users("city = 'Lagos'")},
            {"users, followers", "demographics?followersMin=1234&followersMax=54321",
             "SELECT count(DISTINCT user_id) FROM tiktok_events "
             "WHERE followers BETWEEN 1234 AND 54321"},
            {"users, a ragged hour", "demographics?" + hour.query, users(hour.condition)},
            {"users, a ragged week", "demographics?" + week.query, users(week.condition)},
        });
}

}  // namespace

std::vector<Question> questions(Timestamp end) {
    const Range hour{end - 1h - 30'500ms, end - 30'500ms};
    const Range week{end - 240h - 20min - 30s, end - 72h - 20min - 30s};
    std::vector<Question> all;
    add_sums(all, hour, week);
    add_users(all, hour, week);
    return all;
}

std::vector<Question> questions_between(Timestamp from, Timestamp to) {
    const Range range{from, to};
    return {{"events between", "events?" + range.query, count(range.condition)},
            {"revenue between", "revenue?" + range.query, revenue(range.condition)},
            {"users between", "demographics?" + range.query, users(range.condition)},
            {"users between, a gender", "demographics?gender=female&" + range.query,
             facebook_users("gender = 'female' AND " + range.condition)}};
}

std::string figure_of(const std::string& answer) {
    static const std::regex kFigure{R"re(^\{"(count|revenue|userCount)":([0-9.]+))re"};
    std::smatch match;
    if (!std::regex_search(answer, match, kFigure))
        throw std::runtime_error{"no figure: " + answer};
    return match[2];
}

}  // namespace events::bench
