#include "reporter/sql.hpp"

#include "common/events/time.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace events::reporter {
namespace {

struct ColumnInfo {
    Column column;
    std::string_view name;
    bool in_facebook;
    bool in_tiktok;
};

constexpr std::array<ColumnInfo, 9> kColumns{{
    {Column::funnel_stage, "funnel_stage", true, true},
    {Column::event_type, "event_type", true, true},
    {Column::campaign_id, "campaign_id", true, false},
    {Column::age, "age", true, false},
    {Column::gender, "gender", true, false},
    {Column::country, "country", true, true},
    {Column::city, "city", true, false},
    {Column::followers, "followers", false, true},
    {Column::device, "device", true, true},
}};

const ColumnInfo& info_of(Column column) {
    return *std::ranges::find(kColumns, column, &ColumnInfo::column);
}

constexpr Names<Comparison, 3> kOperators{
    {{"=", Comparison::equal}, {">=", Comparison::at_least}, {"<=", Comparison::at_most}}};

constexpr std::string_view table_of(Source source) {
    return source == Source::facebook ? "facebook_events" : "tiktok_events";
}

/// What a report computes from the rows that it found.
struct Figures {
    std::string_view outer;  ///< over the rows of both sources
    std::string_view inner;  ///< what a source's row holds
};

constexpr Figures figures_of(Category category) {
    switch (category) {
        case Category::events:
            break;
        case Category::revenue:
            return {"coalesce(sum(purchase_amount), 0), count(*)", "purchase_amount"};
        // A user is known by source and id, so the sources' distinct users add up.
        case Category::demographics:
            return {"count(*)", "DISTINCT user_id"};
    }
    return {"count(*)", "1"};
}

/// A time as a parameter's text. PostgreSQL refuses what lies far beyond the years that an event
/// can have (0 to 9999): such a time is moved nearer, still beyond every event.
std::string time_text(Timestamp time) {
    constexpr std::chrono::sys_days kEarliest = std::chrono::year{-999} / 1 / 1;
    constexpr std::chrono::sys_days kLatest = std::chrono::year{20'000} / 1 / 1;
    return format_timestamp(std::clamp<Timestamp>(time, kEarliest, kLatest));
}

std::string value_text(const std::variant<std::string, std::int64_t>& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    return std::to_string(std::get<std::int64_t>(value));
}

/// Adds a parameter and returns its placeholder.
std::string bind(Sql& sql, std::string value) {
    sql.parameters.push_back(std::move(value));
    return fmt::format("${}", sql.parameters.size());
}

bool contributes(const Query& query, Source source) {
    if (query.source && *query.source != source) return false;
    return std::ranges::all_of(query.conditions, [source](const Condition& condition) {
        const auto& info = info_of(condition.column);
        return source == Source::facebook ? info.in_facebook : info.in_tiktok;
    });
}

/// The conditions on a source's rows; each source has parameters of its own, since PostgreSQL
/// refuses a statement with an unused one.
std::vector<std::string> conditions_of(const Query& query, Source source, Sql& sql) {
    std::vector<std::string> conditions;
    if (query.from) {
        conditions.push_back("occurred_at >= " + bind(sql, time_text(*query.from)));
    }
    if (query.to) conditions.push_back("occurred_at <= " + bind(sql, time_text(*query.to)));
    if (query.category == Category::revenue) {
        std::vector<std::string> types;
        for (const auto& type : kEventTypes) {
            if (type.source != source || !type.has_revenue) continue;
            types.push_back(bind(sql, std::string{type.name}));
        }
        conditions.push_back(fmt::format("event_type IN ({})", fmt::join(types, ", ")));
        conditions.emplace_back("purchase_amount IS NOT NULL");
    }
    for (const auto& condition : query.conditions) {
        conditions.push_back(fmt::format("{} {} {}", info_of(condition.column).name,
                                         name_in(kOperators, condition.comparison),
                                         bind(sql, value_text(condition.value))));
    }
    return conditions;
}

}  // namespace

Sql build_sql(const Query& query) {
    const auto figures = figures_of(query.category);
    Sql sql;
    std::vector<std::string> parts;
    for (const auto& [name, source] : kSources) {
        if (!contributes(query, source)) continue;
        const auto conditions = conditions_of(query, source, sql);
        parts.push_back(fmt::format("SELECT {} FROM {}{}{}", figures.inner, table_of(source),
                                    conditions.empty() ? "" : " WHERE ",
                                    fmt::join(conditions, " AND ")));
    }
    if (parts.empty()) {
        parts.push_back(fmt::format("SELECT {} FROM {} WHERE false", figures.inner,
                                    table_of(Source::facebook)));
    }
    sql.text =
        fmt::format("SELECT {} FROM ({}) AS found", figures.outer, fmt::join(parts, " UNION ALL "));
    return sql;
}

}  // namespace events::reporter
