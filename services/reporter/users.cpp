#include "reporter/users.hpp"

#include "reporter/transaction.hpp"
#include "reporter/user_plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
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

constexpr std::array<ColumnInfo, 6> kColumns{{
    {Column::age, "age", true, false},
    {Column::gender, "gender", true, false},
    {Column::country, "country", true, true},
    {Column::city, "city", true, false},
    {Column::followers, "followers", false, true},
    {Column::device, "device", true, true},
}};

constexpr Names<Comparison, 3> kOperators{
    {{"=", Comparison::equal}, {">=", Comparison::at_least}, {"<=", Comparison::at_most}}};

const ColumnInfo& info_of(Column column) {
    return *std::ranges::find(kColumns, column, &ColumnInfo::column);
}

bool contributes(const Query& query, Source source) {
    if (query.source && *query.source != source) return false;
    return std::ranges::all_of(query.conditions, [source](const Condition& condition) {
        const auto& info = info_of(condition.column);
        return source == Source::facebook ? info.in_facebook : info.in_tiktok;
    });
}

std::string value_text(const std::variant<std::string, std::int64_t>& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    return std::to_string(std::get<std::int64_t>(value));
}

/// What a key is in a source's tables; `counted`: in its audience.
std::string expression_of(Key key, Source source, bool counted) {
    const bool facebook = source == Source::facebook;
    switch (key) {
        case Key::source:
            return fmt::format("'{}'::text", to_string(source));
        case Key::gender:
            return facebook ? "gender" : "NULL::text";
        case Key::age_group:
            return facebook ? "age_group(age)" : "NULL::text";
        case Key::country:
            return "country";
        case Key::city:
            return facebook ? "city" : "NULL::text";
        case Key::device:
            return "device";
        case Key::followers_group:
            if (facebook) return "NULL::text";
            return counted ? "followers_group" : "followers_group(followers)";
        default:
            return "NULL::text";
    }
}

/// Writes the SELECTs that count one source's users: of (keys ..., users), to be added up.
class SourceUsers {
  public:
    SourceUsers(const Query& query, const std::vector<Key>& keys, Source source, Sql& sql)
        : query_{query}, keys_{keys}, source_{source}, name_{to_string(source)}, sql_{sql} {}

    void add_rows(const Range& range, std::vector<std::string>& selects) {
        selects.push_back(
            count_distinct(fmt::format("{} WHERE {}{}", events_table(source_),
                                       sql_.within("occurred_at", range), conditions())));
    }

    void add_profiles(const Range& minutes, UserPlan plan, const std::vector<Range>& uncovered_by,
                      std::vector<std::string>& selects) {
        // Without a limit of time every profile counts.
        const auto seen = plan == UserPlan::audience ? "" : seen_in(minutes);
        if (plan == UserPlan::audience) {
            selects.push_back(
                fmt::format("SELECT {}coalesce(sum(users), 0) FROM {}_audience "
                            "WHERE true{}{}",
                            columns(true), name_, conditions(), grouping()));
        } else {
            selects.push_back(fmt::format("SELECT {}count(*) FROM {}_profiles WHERE sole{}{}{}",
                                          columns(), name_, conditions(), seen, grouping()));
        }
        selects.push_back(count_distinct(
            fmt::format("{}_profiles WHERE NOT sole{}{}", name_, conditions(), seen)));
        if (!uncovered_by.empty()) selects.push_back(uncovered(uncovered_by, seen));
    }

  private:
    /// "k1, k2, " of the keys.
    std::string columns(bool counted = false) const {
        std::string text;
        for (const auto key : keys_) text += expression_of(key, source_, counted) + ", ";
        return text;
    }

    std::string grouping() const {
        std::string text;
        for (std::size_t key = 1; key <= keys_.size(); ++key) {
            text += fmt::format("{}{}", key == 1 ? " GROUP BY " : ", ", key);
        }
        return text;
    }

    /// " AND age >= $1 AND ..."
    std::string conditions() {
        std::string text;
        for (const auto& condition : query_.conditions) {
            text += fmt::format(" AND {} {} {}", info_of(condition.column).name,
                                name_in(kOperators, condition.comparison),
                                sql_.bind(value_text(condition.value)));
        }
        return text;
    }

    /// The first two conditions are what the index knows of the third.
    std::string seen_in(const Range& minutes) {
        std::string text;
        if (minutes.begin) text += " AND upper(seen) > " + sql_.bind(*minutes.begin);
        if (minutes.end) text += " AND lower(seen) < " + sql_.bind(*minutes.end);
        const auto bound = [this](const std::optional<Timestamp>& time) {
            return time ? sql_.bind(*time) : std::string{"NULL"};
        };
        const auto begin = bound(minutes.begin);
        return fmt::format("{} AND seen && tstzrange({}, {})", text, begin, bound(minutes.end));
    }

    std::string key_names(std::string_view prefix = {}) const {
        std::string text;
        for (std::size_t key = 1; key <= keys_.size(); ++key) {
            text += fmt::format("{}key_{}, ", prefix, key);
        }
        return text;
    }

    std::string distinct(const std::string& from) const {
        std::string text = "SELECT DISTINCT ";
        for (std::size_t key = 0; key < keys_.size(); ++key) {
            text +=
                fmt::format("{} AS key_{}, ", expression_of(keys_[key], source_, false), key + 1);
        }
        return text + "user_id FROM " + from;
    }

    std::string count_distinct(const std::string& from) const {
        return fmt::format("SELECT {}count(*) FROM ({}) AS users{}", key_names(), distinct(from),
                           grouping());
    }

    /// The users of the rows that no profile covers, but for those that a profile has counted.
    std::string uncovered(const std::vector<Range>& spans, const std::string& seen) {
        std::string times;
        for (const auto& span : spans) {
            times += fmt::format("{}({})", times.empty() ? "" : " OR ",
                                 sql_.within("occurred_at", span));
        }
        const auto fresh =
            distinct(fmt::format("{} WHERE ({}){}", events_table(source_), times, conditions()));
        std::string same_keys;
        for (std::size_t key = 0; key < keys_.size(); ++key) {
            same_keys += fmt::format(" AND {} IS NOT DISTINCT FROM fresh.key_{}",
                                     expression_of(keys_[key], source_, false), key + 1);
        }
        return fmt::format(
            "SELECT {}count(*) FROM ({}) AS fresh WHERE NOT EXISTS (SELECT FROM {}_profiles AS "
            "known WHERE known.user_id = fresh.user_id{}{}{}){}",
            key_names(), fresh, name_, conditions(), seen, same_keys, grouping());
    }

    const Query& query_;
    const std::vector<Key>& keys_;
    Source source_;
    std::string_view name_;
    Sql& sql_;
};

struct Part {
    Source source;
    UserPlan plan;
    double cost;  ///< as UserFacts has it
    std::vector<Range> uncovered;
};

/// Microseconds of work that are worth starting parallel workers for.
constexpr double kWorthWorkers = 200'000;

std::vector<Part> plan_parts(const Query& query, pqxx::transaction_base& transaction) {
    const auto range = range_of(query);
    std::vector<Part> parts;
    for (const auto& [name, source] : kSources) {
        if (!contributes(query, source)) continue;
        auto facts = read_facts(query, source, range, whole_minutes(range), transaction);
        const auto plan = choose_plan(facts);
        const auto cost = cost_of(plan, facts);
        parts.push_back({source, plan, cost, std::move(facts.uncovered)});
    }
    return parts;
}

/// SELECT keys, users of every part.
std::string selects_of(const Query& query, const std::vector<Key>& keys,
                       const std::vector<Part>& parts, Sql& sql) {
    const auto range = range_of(query);
    std::vector<std::string> selects;
    for (const auto& [source, plan, cost, uncovered] : parts) {
        SourceUsers users{query, keys, source, sql};
        if (plan == UserPlan::rows) {
            users.add_rows(range, selects);
        } else {
            users.add_profiles(*whole_minutes(range), plan, uncovered, selects);
        }
    }
    return fmt::format("{}", fmt::join(selects, " UNION ALL "));
}

void add_groups(const Query& query, const std::vector<Part>& parts,
                pqxx::transaction_base& transaction, Report& report) {
    Sql sql;
    const auto selects = selects_of(query, query.group_by, parts, sql);
    std::string keys;
    for (std::size_t key = 1; key <= query.group_by.size(); ++key) {
        keys += fmt::format("{}key_{}", key == 1 ? "" : ", ", key);
    }
    sql.text = fmt::format(
        "SELECT {0}, sum(users) AS total FROM ({1}) AS parts ({0}, users) GROUP BY {0} "
        "HAVING sum(users) <> 0 ORDER BY total DESC, {0} LIMIT {2}",
        keys, selects, query.limit + 1);
    for (const auto& row : run(transaction, sql)) {
        if (report.groups.size() == query.limit) {
            report.truncated = true;
            return;
        }
        Group group;
        for (const auto& field : row) {
            group.keys.push_back(field.is_null() ? std::nullopt
                                                 : std::optional{field.as<std::string>()});
        }
        group.figures.count = *group.keys.back();
        group.keys.pop_back();
        report.groups.push_back(std::move(group));
    }
}

}  // namespace

Report compute_users(const Query& query, pqxx::transaction_base& transaction) {
    Report report{.category = query.category,
                  .total = {},
                  .keys = query.group_by,
                  .groups = {},
                  .truncated = false,
                  .series = {}};
    const auto parts = plan_parts(query, transaction);
    if (parts.empty()) return report;
    const auto is_heavy = [](const Part& part) { return part.cost > kWorthWorkers; };
    if (std::ranges::any_of(parts, is_heavy)) {
        transaction.exec("SET LOCAL max_parallel_workers_per_gather = 2");
    }
    Sql sql;
    const auto selects = selects_of(query, {}, parts, sql);
    sql.text = fmt::format("SELECT coalesce(sum(users), 0) FROM ({}) AS parts (users)", selects);
    report.total.count = run(transaction, sql).at(0).at(0).as<std::string>();
    if (!query.group_by.empty()) add_groups(query, parts, transaction, report);
    return report;
}

}  // namespace events::reporter
