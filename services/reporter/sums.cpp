#include "reporter/sums.hpp"

#include "reporter/buckets.hpp"
#include "reporter/transaction.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <utility>

namespace events::reporter {
namespace {

using Keys = std::vector<std::optional<std::string>>;

std::span<const Grain> grains_of(const Query& query) {
    if (asks_for_campaigns(query)) return kCampaignGrains;
    return kGrains;
}

std::string expression_of(Key key) {
    if (key == Key::source) return "source";
    if (key == Key::campaign_id) return "campaign_id";
    if (key == Key::event_type) return "event_type";
    std::vector<std::string_view> bottom;
    for (const auto& type : kEventTypes) {
        if (type.stage == FunnelStage::bottom) bottom.push_back(type.name);
    }
    return fmt::format("CASE WHEN event_type IN ({}) THEN 'bottom' ELSE 'top' END",
                       literals(bottom));
}

std::vector<std::string> expressions_of(const std::vector<Key>& keys) {
    std::vector<std::string> expressions;
    for (const auto key : keys) expressions.push_back(expression_of(key));
    return expressions;
}

std::string text_of(const pqxx::field& field) {
    return field.as<std::string>();
}

Keys keys_of(const pqxx::row& row, std::size_t first, std::size_t count) {
    Keys keys;
    for (std::size_t index = first; index < first + count; ++index) {
        const auto field = row[static_cast<pqxx::row::size_type>(index)];
        keys.push_back(field.is_null() ? std::nullopt : std::optional{text_of(field)});
    }
    return keys;
}

/// The last two columns of a row.
Figures figures_of(const pqxx::row& row) {
    const auto count = static_cast<pqxx::row::size_type>(row.size());
    return {.count = text_of(row[count - 2]), .revenue = text_of(row[count - 1])};
}

/// The sum of the money, where the report has any: adding up numerics is dear.
std::string_view money_of(const Query& query) {
    return query.category == Category::revenue ? "coalesce(sum(revenue), 0)" : "0";
}

Figures total(Query query, pqxx::transaction_base& transaction) {
    query.group_by.clear();  // without campaigns, unless one is asked for
    Sql sql;
    const auto cells =
        cells_sql(query, {.range = range_of(query), .grains = grains_of(query)}, sql);
    sql.text = fmt::format("SELECT coalesce(sum(n), 0), {} FROM {}", money_of(query), cells);
    return figures_of(run(transaction, sql).at(0));
}

/// The campaigns that can be among the first `limit` of the whole history, and one more: those with
/// the greatest folded sums, and those whose sums are about to change, by which others may move up.
/// Nothing when that is not known cheaper than all sums.
std::optional<std::vector<std::string>> top_campaigns(const Query& query,
                                                      pqxx::transaction_base& transaction) {
    constexpr std::size_t kMostChanging = 5'000;
    const bool whole = !query.from && !query.to;
    if (!whole || query.campaign_id || query.group_by != std::vector{Key::campaign_id}) {
        return std::nullopt;
    }
    std::vector<std::string> campaigns;
    const auto read = [&](const std::string& text) {
        for (const auto& row : run(transaction, {.text = text, .parameters = {}})) {
            campaigns.push_back(text_of(row[0]));
        }
    };
    read(
        fmt::format("SELECT DISTINCT campaign_id FROM event_deltas WHERE campaign_id IS NOT NULL "
                    "LIMIT {}",
                    kMostChanging));
    if (campaigns.size() == kMostChanging) return std::nullopt;
    // One row a campaign: only Facebook has campaigns, and one event type with revenue.
    read(
        fmt::format("SELECT campaign_id FROM campaign_rollups "
                    "WHERE day = '-infinity' AND campaign_id IS NOT NULL "
                    "ORDER BY revenue DESC, campaign_id LIMIT {}",
                    query.limit + 1 + campaigns.size()));
    return campaigns;
}

void add_groups(const Query& query, pqxx::transaction_base& transaction, Report& report) {
    const auto campaigns = top_campaigns(query, transaction);
    Sql sql;
    const auto cells = cells_sql(query,
                                 {.range = range_of(query),
                                  .grains = grains_of(query),
                                  .campaigns = campaigns ? &*campaigns : nullptr},
                                 sql);
    std::vector<std::size_t> positions;
    for (std::size_t key = 1; key <= query.group_by.size(); ++key) positions.push_back(key);
    sql.text = fmt::format(
        "SELECT {}, sum(n) AS n, {} AS revenue FROM {} GROUP BY {} HAVING sum(n) <> 0 "
        "ORDER BY {} DESC, {} LIMIT {}",
        fmt::join(expressions_of(query.group_by), ", "), money_of(query), cells,
        fmt::join(positions, ", "), query.category == Category::revenue ? "revenue" : "n",
        fmt::join(positions, ", "), query.limit + 1);
    for (const auto& row : run(transaction, sql)) {
        if (report.groups.size() == query.limit) {
            report.truncated = true;
            break;
        }
        report.groups.push_back({keys_of(row, 0, query.group_by.size()), figures_of(row), {}});
    }
}

/// Figures by bucket and keys.
using Cells = std::map<std::pair<std::int64_t, Keys>, Figures>;

Cells read_cells(const Query& query, pqxx::transaction_base& transaction, const Buckets& buckets,
                 const std::vector<Key>& keys, const std::vector<std::string>* campaigns) {
    Sql sql;
    const auto cells = cells_sql(query,
                                 {.range = range_of(query),
                                  .grains = buckets.grains,
                                  .row_time = buckets.row_time,
                                  .campaigns = campaigns},
                                 sql);
    std::string columns;
    std::string positions = "1";
    const auto expressions = expressions_of(keys);
    for (std::size_t index = 0; index < keys.size(); ++index) {
        columns += expressions[index] + ", ";
        positions += fmt::format(", {}", index + 2);
    }
    // Summed by time first: the zone's arithmetic is dear, and there are fewer times than cells.
    const std::string_view base = keys.empty() ? "time" : "time, source, event_type, campaign_id";
    sql.text = fmt::format(
        "SELECT {}, {}sum(n), {} FROM (SELECT {}, sum(n) AS n, {} AS revenue FROM {} GROUP BY {}) "
        "AS times GROUP BY {}",
        bucket_expression(query, sql), columns, money_of(query), base, money_of(query), cells, base,
        positions);
    Cells found;
    for (const auto& row : run(transaction, sql)) {
        found.emplace(std::pair{row[0].as<std::int64_t>(), keys_of(row, 1, keys.size())},
                      figures_of(row));
    }
    return found;
}

std::vector<Figures> figures_by_bucket(const Buckets& buckets, const Keys& keys,
                                       const Cells& cells) {
    std::vector<Figures> series;
    series.reserve(buckets.starts.size());
    for (const auto start : buckets.starts) {
        const auto found = cells.find({start, keys});
        series.push_back(found == cells.end() ? Figures{} : found->second);
    }
    return series;
}

void add_group_series(const Query& query, pqxx::transaction_base& transaction,
                      const Buckets& buckets, Report& report) {
    std::vector<std::string> campaigns;
    const auto place = std::ranges::find(query.group_by, Key::campaign_id);
    const auto index = static_cast<std::size_t>(place - query.group_by.begin());
    const bool by_campaign = place != query.group_by.end();
    for (const auto& group : report.groups) {
        if (by_campaign && group.keys[index]) campaigns.push_back(*group.keys[index]);
    }
    const auto cells =
        read_cells(query, transaction, buckets, query.group_by, by_campaign ? &campaigns : nullptr);
    for (auto& group : report.groups) group.series = figures_by_bucket(buckets, group.keys, cells);
}

}  // namespace

Expected<Report, BadParameter> compute_sums(const Query& query,
                                            pqxx::transaction_base& transaction) {
    Report report{.category = query.category,
                  .total = total(query, transaction),
                  .keys = query.group_by,
                  .groups = {},
                  .truncated = false,
                  .series = {}};
    if (!query.group_by.empty()) add_groups(query, transaction, report);
    if (!query.interval) return report;

    auto buckets = find_buckets(query, transaction);
    if (!buckets) return Unexpected<BadParameter>{std::move(buckets.error())};
    if (report.groups.size() * buckets->starts.size() > kMaxCells) {
        return Unexpected<BadParameter>{BadParameter{
            "interval", fmt::format("gives more than {} buckets of groups in this range: ask for "
                                    "a longer one, or a smaller limit",
                                    kMaxCells)}};
    }
    const auto cells = read_cells(query, transaction, *buckets, {}, nullptr);
    report.series =
        Series{.times = buckets->times, .figures = figures_by_bucket(*buckets, Keys{}, cells)};
    if (!query.group_by.empty()) add_group_series(query, transaction, *buckets, report);
    return report;
}

}  // namespace events::reporter
