#include "common/postgres/segment_store.hpp"
#include "common/postgres/sql_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace events::postgres {
namespace {

using segments::Column;
using segments::ColumnInfo;
using segments::Record;

std::string_view name_of(Column column) {
    switch (column) {
        case Column::funnel_stage:
            return "funnel_stage";
        case Column::event_type:
            return "event_type";
        case Column::campaign_id:
            return "campaign_id";
        case Column::country:
            return "country";
        case Column::city:
            return "city";
        case Column::gender:
            return "gender";
        case Column::device:
            return "device";
        case Column::age:
            return "age";
        case Column::followers:
            return "followers";
        case Column::revenue:
            return "purchase_amount";
        default:
            throw std::logic_error{"a segment's column without a column in SQL"};
    }
}

/// Of rows and of changes alike; behind them, those of columns_of(source).
enum Place : int { kTime, kUser, kTakenBack, kFirstColumn };

std::string select_list(Source source, std::string_view taken_back) {
    auto list = fmt::format("{}, user_id, {}", microseconds_of("occurred_at"), taken_back);
    for (const auto& info : segments::columns_of(source)) {
        list += ", ";
        list += name_of(info.column);
    }
    return list;
}

std::string_view text_of(const pqxx::field& field) {
    return {field.c_str(), field.size()};
}

std::optional<std::int64_t> read_revenue(Source source, const Record& record,
                                         std::string_view amount) {
    if (!segments::has_revenue(source, record.event_type.value_or("")) || amount == "NaN") {
        return std::nullopt;
    }
    const auto cents = read_amount(amount);
    if (!cents || *cents != static_cast<std::int64_t>(*cents) ||
        *cents == segments::format::kNull) {
        throw std::range_error{
            fmt::format("a purchase_amount of {}_events is no whole number of cents, or has more "
                        "than 64 bits of them: reports need it corrected",
                        source.name())};
    }
    return static_cast<std::int64_t>(*cents);
}

Record read_record(Source source, const pqxx::row& row) {
    Record record{
        .user_id = text_of(row[kUser]),
        .occurred_at = Timestamp{std::chrono::microseconds{row[kTime].as<std::int64_t>()}},
        .taken_back = *row[kTakenBack].c_str() == 't'};
    auto place = static_cast<int>(kFirstColumn);
    for (const auto& info : segments::columns_of(source)) {
        const auto field = row[place++];
        if (field.is_null()) continue;
        if (info.text != nullptr) {
            record.*info.text = text_of(field);
        } else if (info.column == Column::revenue) {
            record.revenue = read_revenue(source, record, text_of(field));
        } else {
            record.*info.number = field.as<std::int64_t>();
        }
    }
    return record;
}

/// Reads a query's rows in batches. A cursor streams: it holds neither all of them here nor there.
void read_records(pqxx::transaction_base& transaction, Source source, const std::string& query,
                  std::size_t batch, const UseRecords& use) {
    transaction.exec("DECLARE segment_rows NO SCROLL CURSOR FOR " + query);
    const auto fetch = fmt::format("FETCH {} FROM segment_rows", batch);
    std::vector<Record> records;
    do {
        const auto rows = transaction.exec(fetch);
        records.clear();
        for (const auto& row : rows) records.push_back(read_record(source, row));
        if (!records.empty()) use(records);
    } while (records.size() == batch);
    transaction.exec("CLOSE segment_rows");
}

/// Where a partition's rows are read: from itself, where that is allowed. It then holds what the
/// snapshot sees even if it is detached meanwhile.
struct RowSource {
    std::string table;
    bool is_parent = false;
};

RowSource find_rows(pqxx::transaction_base& transaction, const PartitionState& partition) {
    const auto found = transaction.exec_params(
        "SELECT format('%I.%I', nspname, relname), has_table_privilege(pg_class.oid, 'SELECT') "
        "AND has_schema_privilege(relnamespace, 'USAGE') "
        "FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
        "WHERE pg_class.oid = $1",
        partition.partition);
    if (found.empty() || found[0][1].is_null()) throw PartitionGone{"a partition is dropped"};
    if (found[0][1].as<bool>()) return {.table = found[0][0].as<std::string>()};
    return {.table = std::string{partition.source.table()}, .is_parent = true};
}

}  // namespace

void read_rows(pqxx::transaction_base& transaction, const PartitionState& partition,
               std::int64_t from, std::int64_t to, std::size_t batch, const UseRecords& use) {
    const auto rows = find_rows(transaction, partition);
    // With its bounds the planner leaves the parent's other partitions out.
    const auto last = partition.until == kEnd ? kEnd : partition.until - 1;
    const auto query = fmt::format(
        "SELECT {} FROM {} WHERE occurred_at BETWEEN '{}' AND '{}' AND tableoid {}",
        select_list(partition.source, "false"), rows.table,
        time_text(std::max(from, partition.first)), time_text(std::min(to, last)),
        partition.is_plain
            ? fmt::format("= {}", partition.partition)
            : fmt::format("IN (SELECT relid FROM pg_partition_tree({}))", partition.partition));
    try {
        read_records(transaction, partition.source, query, batch, use);
    } catch (const pqxx::undefined_table& error) {
        throw PartitionGone{error.what()};
    }
    // The parent's partitions are those of now, not the snapshot's; from here on they stay.
    if (!rows.is_parent) return;
    const auto is_attached =
        transaction.exec_params1("SELECT coalesce(pg_partition_root($1) = $2::regclass, false)",
                                 partition.partition, rows.table);
    if (!is_attached[0].as<bool>()) throw PartitionGone{"a partition was detached"};
}

void read_changes(pqxx::transaction_base& transaction, const PartitionState& partition,
                  std::size_t batch, const UseRecords& use) {
    read_records(transaction, partition.source,
                 fmt::format("SELECT {} FROM event_changes WHERE partition = {} AND source = '{}'",
                             select_list(partition.source, "taken_back"), partition.partition,
                             partition.source.name()),
                 batch, use);
}

}  // namespace events::postgres
