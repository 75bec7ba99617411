#include "common/collector/event_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace events::collector {
namespace {

using postgres::CopyRows;

constexpr std::size_t kDaysPerTransaction = 64;

/// How often a batch is tried whose partition vanishes under it: retention drops one now and then.
constexpr int kAttempts = 3;

constexpr auto kUniqueViolation = "23505";
constexpr std::string_view kDataException = "22";  ///< the class of SQLSTATEs

/// Where a batch with duplicates waits to be merged; empty between transactions. Each session has
/// its own.
constexpr auto kBatchTable = "pg_temp.batch";

void write_correlation_id(const StorableEvent& event, CopyRows& row) {
    const auto& id = event.envelope->correlation_id;
    if (id.empty()) {
        row.add(std::nullopt);
    } else {
        row.add(std::string_view{id});
    }
}

constexpr std::array<Column, 6> kCommonColumns{{
    {"event_id", "text", [](const StorableEvent& e, CopyRows& row) { row.add(e.event.event_id); }},
    {"occurred_at", "timestamptz",
     [](const StorableEvent& e, CopyRows& row) { row.add(e.event.timestamp); }},
    {"received_at", "timestamptz",
     [](const StorableEvent& e, CopyRows& row) { row.add(e.envelope->received_at); }},
    {"funnel_stage", "text",
     [](const StorableEvent& e, CopyRows& row) { row.add(to_string(e.event.type->stage)); }},
    {"event_type", "text",
     [](const StorableEvent& e, CopyRows& row) { row.add(e.event.type->name); }},
    {"correlation_id", "text", write_correlation_id},
}};

std::vector<Column> with_common(std::span<const Column> columns) {
    std::vector<Column> all{kCommonColumns.begin(), kCommonColumns.end()};
    all.insert(all.end(), columns.begin(), columns.end());
    return all;
}

std::string names_of(std::span<const Column> columns) {
    std::string names;
    for (const auto& column : columns) {
        if (!names.empty()) names += ", ";
        names += column.name;
    }
    return names;
}

std::string definitions_of(std::span<const Column> columns) {
    std::string definitions;
    for (const auto& column : columns) {
        if (!definitions.empty()) definitions += ", ";
        definitions += fmt::format("{} {}", column.name, column.type);
    }
    return definitions;
}

std::string copy_into(std::string_view table, std::string_view columns) {
    return fmt::format("COPY {} ({}) FROM STDIN (FORMAT binary)", table, columns);
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
      copy_{copy_into(table, names_of(columns_))},
      copy_aside_{
          fmt::format("CREATE TEMPORARY TABLE IF NOT EXISTS batch ({}) ON COMMIT DELETE ROWS; {}",
                      definitions_of(columns_), copy_into(kBatchTable, names_of(columns_)))},
      insert_new_{fmt::format("INSERT INTO {0} ({1}) SELECT {1} FROM {2} "
                              "ORDER BY event_id COLLATE \"C\", occurred_at "
                              "ON CONFLICT (event_id, occurred_at) DO NOTHING",
                              table, names_of(columns_), kBatchTable)},
      rows_{columns_.size()},
      partitions_{table},
      connection_{std::move(options), {}} {
    connection_.hide_values([this](postgres::ServerError& error) { hide_values(error); });
}

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
    encode(rows);
    for (int attempt = 1;; ++attempt) {
        partitions_.ensure(connection_, days);
        const bool merging = expect_duplicates_ || copy_fails_;
        try {
            return merging ? merge() : insert();
        } catch (const postgres::Refused& refused) {
            if (refused.error().is_missing_partition() && attempt < kAttempts) {
                partitions_.forget();  // retention dropped one that we knew
            } else if (merging) {
                throw;
            } else if (refused.error().sqlstate == kUniqueViolation) {
                expect_duplicates_ = true;
            } else {
                copy_fails_ = true;
            }
        }
    }
}

void EventTable::encode(Rows rows) {
    std::ranges::sort(rows, {}, [](const auto* row) {
        return std::pair{row->event.event_id, row->event.timestamp};
    });
    rows_.clear();
    for (const auto* row : rows) {
        rows_.begin_row();
        for (const auto& column : columns_) column.write(*row, rows_);
    }
}

std::size_t EventTable::insert() {
    connection_.transact([&](pqxx::work& work) { connection_.copy(work, copy_, rows_); });
    return rows_.rows();
}

std::size_t EventTable::merge() {
    bool copied = false;
    try {
        const auto inserted = connection_.transact([&](pqxx::work& work) -> std::size_t {
            connection_.copy(work, copy_aside_, rows_);
            copied = true;
            return work.exec(insert_new_).affected_rows();
        });
        expect_duplicates_ = inserted < rows_.rows();
        return inserted;
    } catch (const postgres::Refused& refused) {
        copy_fails_ = false;  // what failed here may have failed there
        const bool of_a_value = refused.error().sqlstate.starts_with(kDataException);
        if (copied || !of_a_value || refused.error().raised) throw;
        throw postgres::ContentRefused{refused.what(), refused.error().sqlstate};
    }
}

void EventTable::hide_values(postgres::ServerError& error) const {
    rows_.for_each_value([&](std::string_view value) {
        postgres::hide_value(error.message, value);
        if (!error.raised) return;
        // A function of somebody's says what it likes.
        for (auto* text : {&error.message, &error.table, &error.column, &error.constraint}) {
            postgres::hide_value(*text, value);
            postgres::hide_words(*text, value);
        }
    });
}

}  // namespace events::collector
