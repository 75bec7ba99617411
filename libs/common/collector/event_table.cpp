#include "common/collector/event_table.hpp"

#include "common/collector/event_row.hpp"
#include "common/postgres/execute.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace events::collector {
namespace {

using postgres::CopyRows;

constexpr std::size_t kDaysPerTransaction = 64;

/// The most of one COPY. PostgreSQL buffers 64 KiB of rows, but CopyMultiInsertInfoStore() counts
/// no bytes of a binary COPY: all rows up to 1,000 are buffered, fall out of the processor's cache,
/// and each one's pin of the table's descriptor is searched for among all the others'.
constexpr std::size_t kRowsPerCopy = 300;

/// How often a batch is tried whose partition vanishes under it: retention drops one now and then.
constexpr int kAttempts = 3;

constexpr auto kUniqueViolation = "23505";
constexpr auto kUndefinedTable = "42P01";
constexpr auto kInsufficientPrivilege = "42501";
constexpr std::string_view kDataException = "22";  ///< the class of SQLSTATEs

/// Where a batch with duplicates waits to be merged; empty between transactions. Each session has
/// its own.
constexpr auto kBatchTable = "pg_temp.batch";

std::string copy_into(std::string_view table, std::string_view columns) {
    return fmt::format("COPY {} ({}) FROM STDIN (FORMAT binary)", table, columns);
}

std::string insert_new_into(Source source, std::string_view columns) {
    return fmt::format(
        "INSERT INTO {0} ({1}) SELECT {1} FROM {2} "
        "ORDER BY occurred_at, event_id COLLATE \"C\" "
        "ON CONFLICT (occurred_at, event_id) DO NOTHING",
        source.table(), columns, kBatchTable);
}

/// The tables' triggers leave what this session inserts alone: its segments tell of it.
postgres::Options counted(postgres::Options options) {
    options.settings += "SET events.counted = 'on';";
    options.settings += postgres::kPlanOnce;
    return options;
}

/// Of the primary key.
auto key_of(const StorableEvent* row) {
    return std::pair{row->event.timestamp, row->event.event_id};
}

/// In the order of the primary key, of each the first.
std::vector<const StorableEvent*> sorted(std::span<const StorableEvent> events) {
    // The time nearly always decides: it stands beside the pointer.
    struct Row {
        Timestamp time;
        const StorableEvent* event;
    };
    std::vector<Row> order;
    order.reserve(events.size());
    for (const auto& event : events) order.push_back({event.event.timestamp, &event});
    std::ranges::sort(order, [](const Row& left, const Row& right) {
        if (left.time != right.time) return left.time < right.time;
        const auto by_id = left.event->event.event_id <=> right.event->event.event_id;
        return by_id == nullptr ? left.event < right.event : by_id < 0;
    });
    std::vector<const StorableEvent*> rows;
    rows.reserve(order.size());
    for (const auto& [time, event] : order) {
        if (rows.empty() || key_of(rows.back()) != key_of(event)) rows.push_back(event);
    }
    return rows;
}

std::chrono::sys_days day_of(const StorableEvent* row) {
    return std::chrono::floor<std::chrono::days>(row->event.timestamp);
}

}  // namespace

bool Finding::holds() const {
    constexpr auto kLookAgain = std::chrono::minutes{1};
    return since_ && std::chrono::steady_clock::now() - *since_ < kLookAgain;
}

EventTable::EventTable(postgres::Options options, Source source)
    : fields_{source.fields()},
      column_names_{names_of(row_columns(source))},
      copy_aside_{
          fmt::format("CREATE TEMPORARY TABLE IF NOT EXISTS batch ({}) ON COMMIT DELETE ROWS; {}",
                      definitions_of(row_columns(source)), copy_into(kBatchTable, column_names_))},
      insert_new_{insert_new_into(source, column_names_)},
      encoded_{row_columns(source).size()},
      partitions_{source},
      segment_{source},
      erased_users_{source},
      connection_{counted(std::move(options)), {}} {
    connection_.hide_values([this](postgres::ServerError& error) { hide_values(error); });
}

std::size_t EventTable::store(std::span<const StorableEvent> events) {
    if (!map_is_new_.holds()) {
        partitions_.forget();
        map_is_new_.note();
    }
    const auto rows = sorted(events);
    std::size_t stored = 0;
    left_out_ = 0;
    for (auto first = rows.begin(); first != rows.end();) {
        std::vector<std::chrono::sys_days> days;
        auto end = first;
        for (; end != rows.end(); ++end) {
            const auto day = day_of(*end);
            if (!days.empty() && days.back() == day) continue;
            if (days.size() == kDaysPerTransaction) break;
            days.push_back(day);
        }
        stored += store_days({first, end}, days);
        first = end;
    }
    return stored;
}

/// Without those of erased persons, however the list of them changes meanwhile.
std::size_t EventTable::store_days(std::vector<const StorableEvent*> rows,
                                   std::span<const std::chrono::sys_days> days) {
    for (;;) {
        try {
            if (!erased_users_.is_loaded()) erased_users_.load(connection_);
            left_out_ +=
                std::erase_if(rows, [&](const auto* row) { return erased_users_.has(*row); });
            return rows.empty() ? 0 : store_rows(rows, days);
        } catch (const ErasuresChanged&) {
            erased_users_.load(connection_);
        }
    }
}

std::size_t EventTable::store_rows(Rows rows, std::span<const std::chrono::sys_days> days) {
    encode(rows);
    bool is_noted = rows_altered_.holds();
    for (int attempt = 1;; ++attempt) {
        partitions_.ensure(connection_, days);
        auto way = is_noted ? Way::merge_noted : Way::merge;
        const auto direct =
            is_noted || expect_duplicates_ || copy_fails_.holds() ? std::nullopt : route(rows);
        try {
            if (!direct) return merge(rows, way);
            way = Way::copy;
            copy(*direct);
            return rows.size();
        } catch (const postgres::Refused& refused) {
            learn(refused, way, attempt);
        } catch (const PartitionMoved& moved) {
            if (attempt >= kAttempts) {
                throw postgres::Unavailable{moved.what(), postgres::Cause::conflict};
            }
            partitions_.forget();
        } catch (const RowsAltered&) {
            rows_altered_.note();
            is_noted = true;
        } catch (const std::length_error&) {
            if (is_noted) throw;  // not the segment's
            is_noted = true;
        }
    }
}

/// The partition that each row can be copied into; nothing where one has none.
std::optional<std::vector<StoredRow>> EventTable::route(Rows rows) const {
    std::vector<StoredRow> direct;
    direct.reserve(rows.size());
    const postgres::DirectPartition* partition = nullptr;
    for (const auto* row : rows) {
        const auto time = row->event.timestamp;
        if (partition == nullptr || time < partition->first || time >= partition->until) {
            partition = partitions_.find(time);
        }
        if (partition == nullptr) return std::nullopt;
        direct.push_back({.event = row, .partition = partition->oid});
    }
    return direct;
}

/// What to do otherwise next time; throws what is refused however it is done.
void EventTable::learn(const postgres::Refused& refused, Way way, int attempt) {
    const auto& error = refused.error();
    const bool is_copy = way == Way::copy;
    const bool is_elsewhere =
        error.is_missing_partition() || (is_copy && (error.sqlstate == kUndefinedTable ||
                                                     error.sqlstate == kInsufficientPrivilege));
    if (is_elsewhere && attempt < kAttempts) {
        partitions_.forget();  // e.g. retention dropped one that we knew
    } else if (!is_copy) {
        throw refused;
    } else if (error.sqlstate == kUniqueViolation) {
        expect_duplicates_ = true;
    } else {
        copy_fails_.note();
    }
}

void EventTable::encode(Rows rows) {
    encoded_.clear();
    for (const auto* row : rows) {
        encoded_.begin_row();
        append_row(*row, fields_, encoded_);
    }
}

void EventTable::copy(std::span<const StoredRow> rows) {
    connection_.transact([&](pqxx::work& work) {
        for (std::size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
            while (end < rows.size() && rows[end].partition == rows[begin].partition) ++end;
            const auto* partition = partitions_.find(rows[begin].event->event.timestamp);
            send(work, copy_into(partition->table, column_names_), begin, end);
        }
        segment_.store(work, rows, true, erased_users_);
    });
}

/// The encoded rows from `begin` until `end`, in COPYs of about the same size.
void EventTable::send(pqxx::work& work, const std::string& copy, std::size_t begin,
                      std::size_t end) {
    for (auto copies = (end - begin + kRowsPerCopy - 1) / kRowsPerCopy; copies > 0; --copies) {
        const auto rows = (end - begin) / copies;
        connection_.copy(work, copy, encoded_.data(begin, rows));
        begin += rows;
    }
}

std::size_t EventTable::merge(Rows rows, Way way) {
    bool copied = false;
    try {
        const auto inserted = connection_.transact([&](pqxx::work& work) {
            send(work, copy_aside_, 0, rows.size());
            copied = true;
            return insert_new(work, rows, way);
        });
        expect_duplicates_ = inserted < rows.size();
        return inserted;
    } catch (const postgres::Refused& refused) {
        copy_fails_.forget();  // what failed here may have failed there
        const bool of_a_value = refused.error().sqlstate.starts_with(kDataException);
        if (copied || !of_a_value || refused.error().raised) throw;
        throw postgres::ContentRefused{refused.what(), refused.error().sqlstate};
    }
}

std::size_t EventTable::insert_new(pqxx::work& work, Rows rows, Way way) {
    if (way == Way::merge_noted) {
        work.exec0("SET LOCAL events.counted = 'off'");
        const auto inserted = work.exec(insert_new_).affected_rows();
        erased_users_.confirm(work);
        return inserted;
    }
    const auto returned = work.exec(insert_new_ + kReturning);
    const auto stored = rows_returned(rows, returned);
    segment_.store(work, stored, false, erased_users_);
    return stored.size();
}

void EventTable::hide_values(postgres::ServerError& error) const {
    encoded_.for_each_value([&](std::string_view value) {
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
