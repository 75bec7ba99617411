#include "reporter/cells.hpp"

#include "common/postgres/array_literal.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

namespace events::reporter {
namespace {

constexpr Names<Grain, 3> kWidths{
    {{"minute", Grain::minute}, {"hour", Grain::hour}, {"day", Grain::day}}};

/// The names of the source's event types that the query counts.
std::vector<std::string_view> types_of(const Query& query, Source source) {
    std::vector<std::string_view> names;
    for (const auto& type : kEventTypes) {
        if (type.source != source || (query.stage && type.stage != *query.stage)) continue;
        if (query.event_type && type.name != *query.event_type) continue;
        if (query.category == Category::revenue && !type.has_revenue) continue;
        names.push_back(type.name);
    }
    return names;
}

/// Writes the SELECTs of one source.
class SourceCells {
  public:
    SourceCells(const Query& query, const CellsOptions& options, Source source, Sql& sql)
        : query_{query}, options_{options}, source_{to_string(source)}, sql_{sql} {
        table_ = events_table(source);
        campaign_ =
            asks_for_campaigns(query) && source == Source::facebook ? "campaign_id" : "NULL::text";
        const auto types = types_of(query, source);
        // Without a restriction, rows of types that nobody knows count as well.
        const bool restricted =
            query.stage || query.event_type || query.category == Category::revenue;
        types_ = restricted ? fmt::format("event_type IN ({})", literals(types)) : "true";
        counts_nothing_ = types.empty() || (query.source && *query.source != source) ||
                          (query.campaign_id && source != Source::facebook);
    }

    void add_to(std::vector<std::string>& selects) {
        if (counts_nothing_) return;
        Range summed;  // what is not read from rows: it has no gaps
        bool any_summed = false;
        for (const auto& slice : cut(options_.range, options_.grains)) {
            if (slice.grain == Grain::row) {
                selects.push_back(rows(slice.range));
                continue;
            }
            if (!asks_for_campaigns(query_)) {
                selects.push_back(rollups(slice));
            } else if (options_.campaigns == nullptr) {
                selects.push_back(campaign_days(slice.range, campaign_condition()));
            } else {
                // Apart: an index finds nothing by an OR.
                selects.push_back(campaign_days(slice.range, " AND campaign_id IS NULL"));
                selects.push_back(
                    campaign_days(slice.range, " AND campaign_id = " + any_campaign()));
            }
            if (!any_summed) summed.begin = slice.range.begin;
            summed.end = slice.range.end;
            any_summed = true;
        }
        if (any_summed) selects.push_back(deltas(summed));
    }

  private:
    [[nodiscard]] bool is_revenue() const { return query_.category == Category::revenue; }
    [[nodiscard]] std::string_view counted() const {
        return is_revenue() ? "transactions" : "events";
    }

    std::string any_campaign() {
        postgres::ArrayLiteral names;
        for (const auto& name : *options_.campaigns) names.add(std::string_view{name});
        return fmt::format("ANY ({}::text[])", sql_.bind(names.text()));
    }

    std::string campaign_condition() {
        std::string condition;
        if (query_.campaign_id) condition += " AND campaign_id = " + sql_.bind(*query_.campaign_id);
        if (options_.campaigns != nullptr && campaign_ == "campaign_id") {
            condition +=
                fmt::format(" AND (campaign_id IS NULL OR campaign_id = {})", any_campaign());
        }
        return condition;
    }

    std::string rollups(const Slice& slice) {
        return fmt::format(
            "SELECT '{0}', event_type, NULL::text, bucket, {1}, revenue FROM event_rollups "
            "WHERE source = '{0}' AND width = '{2}' AND {3} AND {4}",
            source_, counted(), name_in(kWidths, slice.grain), types_,
            sql_.within("bucket", slice.range));
    }

    /// Of the whole history there is one sum a campaign, unless times are asked for.
    std::string campaign_days(const Range& range, std::string_view campaigns) {
        const bool whole = range == Range{} && options_.row_time == RowTime::none;
        return fmt::format(
            "SELECT '{0}', event_type, campaign_id, day, transactions, revenue "
            "FROM campaign_rollups WHERE source = '{0}' AND {1} AND {2}{3}",
            source_, types_,
            whole ? "day = '-infinity'" : "day > '-infinity' AND " + sql_.within("day", range),
            campaigns);
    }

    std::string deltas(const Range& range) {
        return fmt::format(
            "SELECT '{0}', event_type, {1}, minute, {2}, revenue FROM event_deltas "
            "WHERE source = '{0}' AND {3} AND {4}{5}",
            source_, campaign_, counted(), types_, sql_.within("minute", range),
            campaign_condition());
    }

    std::string rows(const Range& range) {
        const std::string_view time = options_.row_time == RowTime::none ? "NULL::timestamptz"
                                      : options_.row_time == RowTime::minute
                                          ? "date_bin('1 minute', occurred_at, 'epoch')"
                                          : "occurred_at";
        return fmt::format(
            "SELECT '{}', event_type, {}, {}, count(*), {} FROM {} WHERE {}{} AND {}{} "
            "GROUP BY 2, 3, 4",
            source_, campaign_, time, is_revenue() ? "sum(purchase_amount)" : "0::numeric", table_,
            types_, is_revenue() ? " AND purchase_amount IS NOT NULL" : "",
            sql_.within("occurred_at", range), campaign_condition());
    }

    const Query& query_;
    const CellsOptions& options_;
    std::string_view source_;
    std::string_view table_;
    std::string_view campaign_;
    std::string types_;
    bool counts_nothing_ = false;
    Sql& sql_;
};

}  // namespace

bool asks_for_campaigns(const Query& query) {
    return query.campaign_id ||
           std::ranges::find(query.group_by, Key::campaign_id) != query.group_by.end();
}

std::string cells_sql(const Query& query, const CellsOptions& options, Sql& sql) {
    std::vector<std::string> selects;
    for (const auto& [name, source] : kSources) {
        SourceCells{query, options, source, sql}.add_to(selects);
    }
    if (selects.empty()) {
        selects.emplace_back(
            "SELECT NULL::text, NULL::text, NULL::text, NULL::timestamptz, 0::bigint, 0::numeric "
            "WHERE false");
    }
    return fmt::format("({}) AS cells (source, event_type, campaign_id, time, n, revenue)",
                       fmt::join(selects, " UNION ALL "));
}

}  // namespace events::reporter
