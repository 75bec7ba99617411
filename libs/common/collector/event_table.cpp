#include "common/collector/event_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace events::collector {
namespace {

using postgres::ArrayLiteral;

constexpr auto kInsert = "insert_events";
constexpr std::size_t kDaysPerTransaction = 64;

/// How often a batch is tried whose partition vanishes under it: retention drops one now and then,
/// so a second time in a row is a refusal of the content after all.
constexpr int kAttempts = 3;

void write_correlation_id(const StorableEvent& row, ArrayLiteral& out) {
    const auto& id = row.envelope->correlation_id;
    if (id.empty()) {
        out.add_null();
    } else {
        out.add(id);
    }
}

constexpr std::array<Column, 6> kCommonColumns{{
    {"event_id", "text",
     [](const StorableEvent& e, ArrayLiteral& out) { out.add(e.event.event_id); }},
    {"occurred_at", "timestamptz",
     [](const StorableEvent& e, ArrayLiteral& out) { out.add(e.event.timestamp); }},
    {"received_at", "timestamptz",
     [](const StorableEvent& e, ArrayLiteral& out) { out.add(e.envelope->received_at); }},
    {"funnel_stage", "text",
     [](const StorableEvent& e, ArrayLiteral& out) { out.add(to_string(e.event.type->stage)); }},
    {"event_type", "text",
     [](const StorableEvent& e, ArrayLiteral& out) { out.add(e.event.type->name); }},
    {"correlation_id", "text", write_correlation_id},
}};

std::vector<Column> with_common(std::span<const Column> columns) {
    std::vector<Column> all{kCommonColumns.begin(), kCommonColumns.end()};
    all.insert(all.end(), columns.begin(), columns.end());
    return all;
}

std::string insert_statement(std::string_view table, const std::vector<Column>& columns) {
    std::string names;
    std::string arrays;
    for (std::size_t index = 0; index < columns.size(); ++index) {
        const auto* separator = index == 0 ? "" : ", ";
        names += fmt::format("{}{}", separator, columns[index].name);
        arrays += fmt::format("{}${}::{}[]", separator, index + 1, columns[index].type);
    }
    return fmt::format(
        "INSERT INTO {} ({}) SELECT * FROM unnest({}) AS batch ({}) "
        "ORDER BY event_id, occurred_at ON CONFLICT (event_id, occurred_at) DO NOTHING",
        table, names, arrays, names);
}

std::chrono::sys_days day_of(const StorableEvent* row) {
    return std::chrono::floor<std::chrono::days>(row->event.timestamp);
}

}  // namespace

EventTable::EventTable(postgres::Options options, std::string table,
                       std::span<const Column> columns)
    : EventTable{std::move(options), std::move(table), with_common(columns)} {}

EventTable::EventTable(postgres::Options options, std::string table, std::vector<Column> columns)
    : columns_{std::move(columns)},
      arrays_(columns_.size()),
      partitions_{table},
      connection_{std::move(options), {{kInsert, insert_statement(table, columns_)}}} {}

std::size_t EventTable::store(std::span<const StorableEvent> events) {
    std::vector<const StorableEvent*> rows;
    rows.reserve(events.size());
    for (const auto& event : events) rows.push_back(&event);
    std::ranges::sort(rows, {}, [](const auto* row) { return row->event.timestamp; });

    std::size_t stored = 0;
    std::vector<std::chrono::sys_days> days;
    auto first = rows.begin();
    for (auto row = rows.begin(); row != rows.end(); ++row) {
        const auto day = day_of(*row);
        if (!days.empty() && days.back() == day) continue;
        if (days.size() == kDaysPerTransaction) {
            stored += store_rows({first, row}, days);
            days.clear();
            first = row;
        }
        days.push_back(day);
    }
    if (first != rows.end()) stored += store_rows({first, rows.end()}, days);
    return stored;
}

std::size_t EventTable::store_rows(Rows rows, std::span<const std::chrono::sys_days> days) {
    for (int attempt = 1;; ++attempt) {
        partitions_.ensure(connection_, days);
        try {
            return insert(rows);
        } catch (const postgres::ContentRefused& refused) {
            // "No partition for the row" is a check violation: retention dropped one that we knew.
            // The message alone would tell it from a real one, in the server's language.
            if (refused.sqlstate() != "23514" || attempt == kAttempts) throw;
            partitions_.forget();
        }
    }
}

std::size_t EventTable::insert(Rows rows) {
    std::vector<std::string> arrays;
    arrays.reserve(columns_.size());
    for (std::size_t index = 0; index < columns_.size(); ++index) {
        auto& array = arrays_[index];
        array.clear();
        for (const auto* row : rows) columns_[index].write(*row, array);
        arrays.push_back(array.text());
    }
    return connection_.transact([&](pqxx::work& work) -> std::size_t {
        return work.exec_prepared(kInsert, pqxx::prepare::make_dynamic_params(arrays))
            .affected_rows();
    });
}

}  // namespace events::collector
