#include "operator.hpp"

#include "common/postgres/error.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <pqxx/pqxx>

#include <array>
#include <chrono>

namespace events::test {
namespace {

/// A day of the random events' or one beside them.
std::string day_text(int day) {
    return fmt::format("{:%Y-%m-%d} 00:00:00+00", fmt::gmtime(kFirstDay + std::chrono::days{day}));
}

/// Copies of rows with ids of their own.
std::string copies(const std::string& from, int first, const std::string& rows) {
    return fmt::format(
        "SELECT (jsonb_populate_record(original, jsonb_build_object('event_id', 'theirs-' || {} || "
        "'-' || n))).* FROM (SELECT original, row_number() OVER () AS n FROM {} AS original WHERE "
        "{} LIMIT 50) AS originals",
        first, from, rows);
}

}  // namespace

Operator::Operator(const std::string& url, Random& random)
    : connection_{{.url = config::Secret{url},
                   .application_name = "operator",
                   .statement_timeout = std::chrono::seconds{20}},
                  {}},
      random_{random} {}

std::string Operator::query(const std::string& sql) {
    return connection_.guarded([&](postgres::Session& session) -> std::string {
        pqxx::nontransaction transaction{session};
        const auto rows = transaction.exec(sql);
        return rows.empty() || rows.columns() == 0 ? "" : rows[0][0].c_str();
    });
}

void Operator::run(const std::string& kind, const std::string& sql) {
    // Replication's own sessions are such.
    const bool is_replica = random_.one_in(4);
    try {
        connection_.transact([&](pqxx::work& work) {
            if (is_replica) work.exec("SET LOCAL session_replication_role = replica");
            work.exec(sql);
        });
        ++counts_[kind].done;
    } catch (const postgres::Unavailable&) {
        ++counts_[kind].refused;
    }
}

Operator::Table Operator::some_table() {
    const auto source = sources()[random_.below(sources().size())];
    return {std::string{source.name()}, std::string{source.table()}};
}

std::string Operator::some_partition(const Table& table) {
    return query(
        fmt::format("SELECT partition::regclass FROM attached_partitions WHERE source = "
                    "'{}' ORDER BY md5(partition::text || {}) LIMIT 1",
                    table.source, random_.below(1'000)));
}

std::string Operator::some_target(const Table& table) {
    return random_.one_in(2) ? table.name : some_partition(table);
}

std::string Operator::some_rows() {
    return fmt::format("hashtext(event_id) % {} = 0", 2 + random_.below(30));
}

void Operator::insert() {
    const auto table = some_table();
    const auto partition = some_partition(table);
    const auto target = random_.one_in(2) ? table.name : partition;
    run(target == table.name ? "insert" : "insert by name",
        fmt::format("INSERT INTO {} {}", target, copies(partition, made_++, some_rows())));
}

void Operator::copy_by_name() {
    const auto table = some_table();
    const auto partition = some_partition(table);
    const auto file = fmt::format("current_setting('data_directory') || '/copy-{}'", made_);
    const auto path = query("SELECT " + file);
    run("copy by name",
        fmt::format("COPY ({0}) TO '{1}' (FORMAT binary); COPY {2} FROM '{1}' (FORMAT binary)",
                    copies(partition, made_++, some_rows()), path, partition));
}

void Operator::remove() {
    run("delete", fmt::format("DELETE FROM {} WHERE {}", some_target(some_table()), some_rows()));
}

void Operator::update() {
    constexpr std::array kChanges{
        "country = 'elsewhere'", "purchase_amount = purchase_amount + 1.11",
        "user_id = user_id || 'x'", "device = NULL",
        "occurred_at = date_trunc('minute', occurred_at) + interval '1 microsecond'"};
    run("update", fmt::format("UPDATE {} SET {} WHERE {}", some_target(some_table()),
                              kChanges.at(random_.below(kChanges.size())), some_rows()));
}

void Operator::move() {
    const auto* days = random_.one_in(2) ? "+ interval '24 hours'" : "- interval '24 hours'";
    run("move", fmt::format("UPDATE {} SET occurred_at = occurred_at {} WHERE {}",
                            some_table().name, days, some_rows()));
}

void Operator::roll_back() {
    run("rolled back", fmt::format("SAVEPOINT before; DELETE FROM {}; ROLLBACK TO SAVEPOINT before",
                                   some_target(some_table())));
}

void Operator::truncate() {
    run("truncate", "TRUNCATE " + some_partition(some_table()));
}

void Operator::detach() {
    const auto table = some_table();
    const auto name = some_partition(table);
    if (name.empty()) return;
    const auto bounds =
        query(fmt::format("SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = "
                          "'{}'::regclass",
                          name));
    const auto before = counts_["detach"].done;
    run("detach", fmt::format("ALTER TABLE {} DETACH PARTITION {}", table.name, name));
    if (counts_["detach"].done > before) detached_.push_back({table, name, bounds});
}

void Operator::attach() {
    if (detached_.empty()) return;
    const auto place = static_cast<std::ptrdiff_t>(random_.below(detached_.size()));
    const auto [table, name, bounds] = detached_[static_cast<std::size_t>(place)];
    if (random_.one_in(2))
        run("change detached", fmt::format("DELETE FROM {} WHERE {}", name, some_rows()));
    if (random_.one_in(3)) {
        run("insert detached",
            fmt::format("INSERT INTO {} {}", name, copies(name, made_++, some_rows())));
    }
    const auto before = counts_["attach"].done;
    run("attach", fmt::format("ALTER TABLE {} ATTACH PARTITION {} {}", table.name, name, bounds));
    if (counts_["attach"].done > before) detached_.erase(detached_.begin() + place);
}

void Operator::drop() {
    run("drop", "DROP TABLE " + some_partition(some_table()));
}

void Operator::add_partition() {
    const auto table = some_table();
    const auto day = static_cast<int>(random_.below(kDays + 2)) - 1;
    run("add partition",
        fmt::format("CREATE TABLE theirs_{} PARTITION OF {} FOR VALUES FROM ('{}') TO ('{}')",
                    made_++, table.name, day_text(day), day_text(day + 1)));
}

void Operator::add_default() {
    run("add default",
        fmt::format("CREATE TABLE theirs_{} PARTITION OF {} DEFAULT", made_++, some_table().name));
}

/// Days go for good, or may come again.
void Operator::retain() {
    const auto source = some_table().source;
    if (random_.one_in(2)) {
        run("retain all", fmt::format("DELETE FROM retained_from WHERE source = '{}'", source));
        return;
    }
    run("retain",
        fmt::format("SELECT retain_from('{0}', '{1}'); SELECT drop_partition('{0}', "
                    "partition) FROM partitions WHERE source = '{0}'",
                    source, day_text(static_cast<int>(random_.below(kDays))).substr(0, 10)));
}

void Operator::rebuild() {
    run("rebuild", fmt::format("SELECT rebuild_day('{}', '{}'::date)", some_table().source,
                               day_text(static_cast<int>(random_.below(kDays))).substr(0, 10)));
}

void Operator::vacuum_full() {
    try {
        query("VACUUM FULL " + some_partition(some_table()));
        ++counts_["vacuum full"].done;
    } catch (const postgres::Unavailable&) {
        ++counts_["vacuum full"].refused;
    }
}

void Operator::change_rows() {
    constexpr std::array kActs{&Operator::insert, &Operator::remove,       &Operator::update,
                               &Operator::move,   &Operator::copy_by_name, &Operator::roll_back,
                               &Operator::rebuild};
    (this->*kActs.at(random_.below(kActs.size())))();
}

void Operator::act() {
    constexpr std::array kActs{
        &Operator::change_rows, &Operator::change_rows, &Operator::change_rows,
        &Operator::truncate,    &Operator::detach,      &Operator::attach,
        &Operator::attach,      &Operator::drop,        &Operator::add_partition,
        &Operator::add_default, &Operator::vacuum_full, &Operator::retain};
    (this->*kActs.at(random_.below(kActs.size())))();
}

}  // namespace events::test
