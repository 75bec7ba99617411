// What somebody may do to the rows and their segments while the suite runs.
#include "injections.hpp"
#include "support/await.hpp"
#include "support/sample_events.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace events::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kRows = 200;

/// A target as it stands in the schedule: "<table>-<how>".
struct RowFault {
    explicit RowFault(const std::string& target)
        : table{target.substr(0, target.find('-'))}, how{target.substr(target.find('-') + 1)} {}

    [[nodiscard]] std::string source() const { return table.substr(0, table.find('_')); }

    std::string table;
    std::string how;
};

/// Where most of the load is.
std::string partition_of_today(Suite& suite, const std::string& table) {
    const auto sql = fmt::format(
        "SELECT tableoid::regclass FROM {} WHERE occurred_at > now() - interval '3 hours' "
        "GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
        table);
    std::string name;
    require(await([&] { return !(name = ask(suite, sql)).empty(); }), table + " has no events");
    return name;
}

/// Numbers of rows that nobody acknowledged: they may be there or not.
std::uint64_t next_rows(Suite& suite) {
    static std::atomic<std::uint64_t> made{0};
    const auto first = made.fetch_add(kRows);
    for (auto row = first; row < first + kRows; ++row) {
        suite.ledger().sending(fmt::format("theirs-{}", row), Fate::stored);
    }
    return first;
}

/// "INSERT ...": copies of rows that are there, of nobody who is erased, each with `country` and,
/// where there is one, at a time of that day. It may run again.
std::string insert_copies(const std::string& into, const std::string& from, std::uint64_t first,
                          std::string_view country, const std::string& day) {
    const auto time = day.empty() ? std::string{"occurred_at"}
                                  : fmt::format(
                                        "timestamptz '{} 00:00:00+00' + n % 5000 * interval "
                                        "'17 seconds'",  // all of one day
                                        day);
    return fmt::format(
        "INSERT INTO {0} SELECT (jsonb_populate_record(original, jsonb_build_object('event_id', "
        "'theirs-' || n, 'country', '{3}', 'occurred_at', {4}))).* "
        "FROM (SELECT original, occurred_at, row_number() OVER () + {2} - 1 AS n FROM {1} AS "
        "original WHERE user_id NOT LIKE '%erased%' LIMIT {5}) AS originals "
        "ON CONFLICT DO NOTHING",
        into, from, first, country, time, kRows);
}

std::string of_rows(std::uint64_t first) {
    return fmt::format("substr(event_id, 8)::bigint BETWEEN {} AND {} AND event_id LIKE 'theirs-%'",
                       first, first + kRows - 1);
}

/// The next report says what SQL counts: nobody else has rows with these parameters.
void require_reported(Suite& suite, const std::string& parameters, const std::string& table,
                      const std::string& condition) {
    const auto expected =
        ask(suite, fmt::format("SELECT count(*) FROM {} WHERE {}", table, condition));
    const auto target = "/reports/events?" + parameters;
    std::string body;
    const auto is_answered = [&] {
        auto client = suite.stack().new_client("reporter");
        const auto response = client.send({.method = "GET", .target = target}, 20s);
        if (response) body = response->body;
        return response && response->status != 503;
    };
    require(await(is_answered, kLongestOutage), "no answer to " + target);
    const auto report = nlohmann::json::parse(body, nullptr, false);
    require(report.is_object() && report.value("count", nlohmann::json{}).dump() == expected,
            fmt::format("{} rows, and {} says {}", expected, target, body));
}

/// Posts an event that no collector may store, until it is acknowledged.
void post_too_old(Suite& suite, const std::string& source, const std::string& time) {
    static std::uint64_t made = 0;
    const std::vector<std::string> ids{fmt::format("too-old-{}", ++made)};
    suite.ledger().sending(ids[0], Fate::refused);
    const auto event = source == "facebook" ? facebook_top(ids[0], time) : tiktok_top(ids[0], time);
    const auto is_taken = [&] {
        const auto status = suite.post(event);
        return status == 201 || status == 202;
    };
    require(await(is_taken, kLongestOutage), "an event of an older day is not taken");
    suite.ledger().acknowledged(ids);
}

void await_built(Suite& suite) {
    const auto built = [&] {
        return ask(suite, "SELECT count(*) FROM events.partition_states WHERE NOT is_built") == "0";
    };
    require(await(built, kLongestOutage), "a partition's segments are not built");
}

}  // namespace

void change_rows(Suite& suite, const Fault& fault) {
    const RowFault on{fault.target};
    const auto first = next_rows(suite);
    const auto partition = partition_of_today(suite, on.table);
    const auto target = on.how == "partition" ? partition : on.table;
    const auto country = fmt::format("Elsewhere {}", first);
    const auto require_figures = [&] {
        require_reported(suite, fmt::format("source={}&country=Elsewhere%20{}", on.source(), first),
                         on.table, fmt::format("country = '{}'", country));
    };
    const auto run = [&](const std::string& sql) {
        const auto* role =
            on.how == "replica" ? "SET LOCAL session_replication_role = replica; " : "";
        change(suite, role + sql);
        require_figures();
        std::this_thread::sleep_for(fault.duration / 3);
    };
    run(insert_copies(target, partition, first, country, ""));
    run(
        fmt::format("UPDATE {} SET user_id = md5(user_id)::uuid::text, purchase_amount = "
                    "purchase_amount + 1.11 WHERE {} AND substr(event_id, 8)::bigint % 3 = 0",
                    target, of_rows(first)));
    run(fmt::format("DELETE FROM {} WHERE {} AND substr(event_id, 8)::bigint % 4 = 0", target,
                    of_rows(first)));
}

void exchange_day(Suite& suite, const Fault& fault) {
    const RowFault on{fault.target};
    const auto first = next_rows(suite);
    const auto from = partition_of_today(suite, on.table);
    const auto begin = next_day();
    const auto day = fmt::format("{:%Y-%m-%d}", fmt::gmtime(begin));
    const auto end = fmt::format("{:%Y-%m-%d}", fmt::gmtime(begin + std::chrono::days{1}));
    const auto name = fmt::format("theirs_{}_{:%Y%m%d}", on.table, fmt::gmtime(begin));
    const auto require_figures = [&] {
        require_reported(
            suite, fmt::format("source={0}&from={1}T00:00:00Z&to={1}T23:59:59Z", on.source(), day),
            on.table,
            fmt::format("occurred_at >= '{} 00:00:00+00' AND occurred_at < '{} "
                        "00:00:00+00'",
                        day, end));
    };
    const auto attach = fmt::format(
        "ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ('{} 00:00:00+00') TO ('{} "
        "00:00:00+00')",
        on.table, name, day, end);
    change(suite, fmt::format("CREATE TABLE {} (LIKE {} INCLUDING ALL)", name, on.table));
    change(suite, insert_copies(name, from, first, "Nowhere", day));
    change(suite, attach);
    require_figures();
    hold(fault);
    if (on.how == "truncated") change(suite, "TRUNCATE " + name);
    if (on.how == "dropped") change(suite, "DROP TABLE " + name);
    if (on.how == "attached") {
        change(suite, fmt::format("ALTER TABLE {} DETACH PARTITION {}", on.table, name));
        require_figures();
        change(suite,
               fmt::format("DELETE FROM {} WHERE substr(event_id, 8)::bigint % 4 = 0", name));
        change(suite, attach);
    }
    require_figures();
}

void drop_day(Suite& suite, const Fault& fault) {
    static std::mutex one_at_a_time;
    const std::lock_guard lock{one_at_a_time};
    // Each later than the one before, since older ones can't come again, and long before all
    // others.
    static std::chrono::sys_days next{std::chrono::year{2005} / 1 / 1};
    const auto& source = fault.target;
    const auto table = source + "_events";
    const auto day = fmt::format("{:%Y-%m-%d}", fmt::gmtime(next));
    const auto name = fmt::format("{}_p{:%Y%m%d}", table, fmt::gmtime(next));
    const auto end = fmt::format("{:%Y-%m-%d}", fmt::gmtime(++next));
    const auto require_figures = [&] {
        require_reported(suite, fmt::format("source={}&to={}T00:00:00Z", source, end), table,
                         fmt::format("occurred_at <= '{} 00:00:00+00'", end));
    };
    const auto first = next_rows(suite);
    const auto from = partition_of_today(suite, table);
    change(suite,
           fmt::format("SELECT events.add_partition('{0}', '{1}', '{2} 00:00:00+00', "
                       "'{3} 00:00:00+00') WHERE to_regclass('{1}') IS NULL; {4}",
                       source, name, day, end, insert_copies(table, from, first, "Nowhere", day)));
    require_figures();
    hold(fault);
    change(suite, fmt::format("SELECT events.retain_from('{}', '{}')", source, end));
    const auto is_gone = [&] {
        return ask(suite, fmt::format("SELECT to_regclass('{}') IS NULL", name)) == "t";
    };
    require(await(is_gone, kLongestOutage), name + " is not dropped");
    require_figures();
    post_too_old(suite, source, day + "T12:00:00Z");
}

void rebuild_day(Suite& suite, const Fault& fault) {
    const auto partition = partition_of_today(suite, fault.target + "_events");
    const auto end = std::chrono::steady_clock::now() + fault.duration;
    do {
        change(suite,
               fmt::format("SELECT events.rebuild_day('{}', (first AT TIME ZONE 'UTC')::date)"
                           " FROM events.attached_partitions WHERE partition = '{}'::regclass",
                           fault.target, partition));
        std::this_thread::sleep_for(200ms);
    } while (std::chrono::steady_clock::now() < end);
    await_built(suite);
}

void flip_bit(Suite& suite, const Fault& fault) {
    // The newest of the load's is read soon, when it is merged; one of another day may stay alone.
    const auto flip = fmt::format(
        "UPDATE events.segment_blobs SET bytes = set_bit(bytes, 2222, 1 - get_bit(bytes, 2222)) "
        "WHERE id = (SELECT max(blob) FROM events.segments WHERE partition = '{}'::regclass "
        "AND level = 0) RETURNING id",
        partition_of_today(suite, fault.target + "_events"));
    std::string blob;
    require(await([&] { return !(blob = ask(suite, flip)).empty(); }), "there is no new segment");
    const auto gone = [&] {
        return ask(suite, "SELECT count(*) FROM events.segments WHERE blob = " + blob) == "0";
    };
    require(await(gone), "nobody noticed that a segment is damaged");
    await_built(suite);
}

void vacuum_full(Suite& suite, const Fault& fault) {
    const auto partition = partition_of_today(suite, fault.target);
    ask(suite, "VACUUM FULL " + partition);
    await_built(suite);
}

void hold_snapshot(Suite& suite, const Fault& fault) {
    pqxx::connection connection{suite.stack().database()};
    pqxx::transaction<pqxx::isolation_level::repeatable_read> snapshot{connection};
    snapshot.exec("SELECT count(*) FROM events.segments");
    hold(fault);
    hold(fault);
}

}  // namespace events::test
