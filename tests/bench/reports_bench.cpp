// How long reports take over 100 thousand, 1 million and 10 million stored events, beside the same
// question asked of the rows themselves, and what keeping the rollups costs the collectors.
//
//   bench_reports REPORTER [EVENTS...]      the daemon's binary; how many events, ascending

#include "common/collector/rollup_keeper.hpp"
#include "common/http/client.hpp"
#include "common/postgres/migrations.hpp"
#include "loader.hpp"
#include "samples.hpp"
#include "support/await.hpp"
#include "support/ports.hpp"
#include "support/postgres_cluster.hpp"
#include "support/process.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace events::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr Timestamp kBegin{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
constexpr std::chrono::hours kSpan{24 * 30};

/// A report, and its question to the rows: %r is replaced by the condition on the range.
struct Question {
    std::string name;
    std::string target;
    std::string on_rows;
};

std::string of_both(std::string_view columns, std::string_view condition) {
    return fmt::format(
        "(SELECT {0} FROM facebook_events WHERE {1} UNION ALL SELECT {0} FROM tiktok_events "
        "WHERE {1}) AS r",
        columns, condition);
}

std::vector<Question> questions() {
    const std::string hour = "from=2026-03-30T22:59:30.5Z&to=2026-03-30T23:59:30.5Z";
    const std::string hour_sql =
        "occurred_at BETWEEN '2026-03-30T22:59:30.5Z' AND '2026-03-30T23:59:30.5Z'";
    const std::string week = "from=2026-03-20T10:20:30Z&to=2026-03-27T10:20:30Z";
    const std::string week_sql =
        "occurred_at BETWEEN '2026-03-20T10:20:30Z' AND '2026-03-27T10:20:30Z'";
    const std::string paid =
        "event_type IN ('checkout.complete', 'purchase') AND purchase_amount IS NOT NULL";
    const auto count = [](const std::string& condition) {
        return "SELECT count(*) FROM " + of_both("1", condition);
    };
    const auto users = [](const std::string& condition) {
        return "SELECT count(DISTINCT user_id) FROM facebook_events WHERE " + condition;
    };
    const auto all_users = [](const std::string& condition) {
        return fmt::format(
            "SELECT (SELECT count(DISTINCT user_id) FROM facebook_events WHERE {0}) + "
            "(SELECT count(DISTINCT user_id) FROM tiktok_events WHERE {0})",
            condition);
    };
    return {
        {"events", "events", count("true")},
        {"events, a source and type", "events?source=tiktok&eventType=like",
         "SELECT count(*) FROM tiktok_events WHERE event_type = 'like'"},
        {"events, a ragged hour", "events?" + hour, count(hour_sql)},
        {"events, a ragged week", "events?" + week, count(week_sql)},
        {"events by type", "events?groupBy=eventType",
         "SELECT event_type, count(*) FROM " + of_both("event_type", "true") + " GROUP BY 1"},
        {"events per hour, 30 days", "events?interval=hour",
         "SELECT date_trunc('hour', occurred_at), count(*) FROM " + of_both("occurred_at", "true") +
             " GROUP BY 1"},
        {"events per day in Berlin", "events?interval=day&tz=Europe/Berlin",
         "SELECT date_trunc('day', occurred_at, 'Europe/Berlin'), count(*) FROM " +
             of_both("occurred_at", "true") + " GROUP BY 1"},
        {"revenue", "revenue",
         "SELECT sum(purchase_amount) FROM " + of_both("purchase_amount", paid)},
        {"revenue, a ragged week", "revenue?" + week,
         "SELECT sum(purchase_amount) FROM " +
             of_both("purchase_amount", paid + " AND " + week_sql)},
        {"revenue of a campaign", "revenue?campaignId=campaign-1",
         "SELECT sum(purchase_amount) FROM facebook_events WHERE campaign_id = 'campaign-1' AND " +
             paid},
        {"revenue by campaign", "revenue?groupBy=campaignId",
         "SELECT campaign_id, sum(purchase_amount) AS s FROM facebook_events WHERE " + paid +
             " GROUP BY 1 ORDER BY 2 DESC LIMIT 100"},
        {"users", "demographics", all_users("true")},
        {"users, a gender", "demographics?gender=female", users("gender = 'female'")},
        {"users, age and country", "demographics?ageMin=25&ageMax=34&country=Japan",
         users("age BETWEEN 25 AND 34 AND country = 'Japan'")},
        {"users by age group", "demographics?groupBy=ageGroup",
         "SELECT age_group(age), count(DISTINCT user_id) FROM facebook_events GROUP BY 1"},
        {"users of a city", "demographics?city=Lagos", users("city = 'Lagos'")},
        {"users, exact followers", "demographics?followersMin=1234&followersMax=54321",
         "SELECT count(DISTINCT user_id) FROM tiktok_events WHERE followers BETWEEN 1234 AND "
         "54321"},
        {"users, a ragged hour", "demographics?" + hour, all_users(hour_sql)},
        {"users, a ragged week", "demographics?" + week, all_users(week_sql)},
    };
}

/// Milliseconds of each request, by several clients at once.
Samples ask(std::uint16_t port, const std::string& target, int clients, int requests) {
    std::vector<std::future<Samples>> asking;
    for (int client = 0; client < clients; ++client) {
        asking.push_back(std::async(std::launch::async, [=] {
            http::Client connection{"127.0.0.1", port};
            http::ClientRequest request;
            request.target = target;
            Samples samples;
            const auto until = Clock::now() + 10s;  // a slow question is asked less often
            for (int i = 0; i < requests && (i < 3 || Clock::now() < until); ++i) {
                const auto started = Clock::now();
                const auto response = connection.send(request, 5min);
                if (!response || response->status != 200) {
                    throw std::runtime_error{target + ": " + (response ? response->body : "")};
                }
                samples.add(
                    std::chrono::duration<double, std::milli>{Clock::now() - started}.count());
            }
            return samples;
        }));
    }
    Samples all;
    for (auto& samples : asking) all.add(samples.get());
    return all;
}

/// The daemon, on a free port.
class Reporter {
  public:
    Reporter(const std::string& binary, const std::string& url)
        : process_{{.command = {binary},
                    .environment = {{"DATABASE_URL", url},
                                    {"PORT", std::to_string(port_)},
                                    {"HOST", "127.0.0.1"},
                                    {"LOG_LEVEL", "error"},
                                    {"REPORT_TIMEOUT_MS", "300000"},
                                    {"DATABASE_STATEMENT_TIMEOUT_MS", "300000"}},
                    .output = folder_.path() / "log",
                    .user = {}}} {
        const bool ready = test::await([this] {
            http::Client client{"127.0.0.1", port_};
            http::ClientRequest request;
            request.target = "/readiness";
            const auto response = client.send(request, 1s);
            return response && response->status == 200;
        });
        if (!ready) throw std::runtime_error{"the reporter is not ready"};
    }
    [[nodiscard]] std::uint16_t port() const { return port_; }

  private:
    test::TemporaryDirectory folder_;
    std::uint16_t port_ = test::free_port();
    test::Process process_;
};

const std::vector<std::string> kServerSettings{"fsync=on",
                                               "synchronous_commit=on",
                                               "full_page_writes=on",
                                               "shared_buffers=1GB",
                                               "max_wal_size=4GB",
                                               "checkpoint_timeout=15min",
                                               "work_mem=16MB",
                                               "jit=off",
                                               "random_page_cost=1.1",
                                               "effective_cache_size=8GB",
                                               "max_locks_per_transaction=1024",
                                               "autovacuum=on"};

void migrate(const std::string& url) {
    postgres::Connection connection{{.url = config::Secret{url}, .application_name = "bench"}, {}};
    postgres::migrate(connection, postgres::embedded_migrations(),
                      {"bench", {.level = logging::Level::fatal}});
}

void catch_up(const std::string& url) {
    const auto started = Clock::now();
    test::query(url, "SELECT fold_event_deltas()");
    std::vector<std::future<void>> profiling;
    for (const auto* source : {"facebook", "tiktok"}) {
        profiling.push_back(std::async(std::launch::async, [&url, source] {
            const auto sql = fmt::format("SELECT profile_{}_users('0', 20000)", source);
            while (test::query(url, sql) != "0") {
            }
        }));
    }
    for (auto& source : profiling) source.get();
    const std::chrono::duration<double> took = Clock::now() - started;
    fmt::print("folded and profiled in {:.1f} s\n", took.count());
    test::query(url, "VACUUM ANALYZE");
}

void measure(const std::string& binary, const std::string& url, std::uint64_t events) {
    const Reporter reporter{binary, url};
    fmt::print("\n{} events: milliseconds\n{:32} {:>9} {:>9} {:>9} {:>9} {:>10}\n", events, "",
               "p50, 1", "p99, 1", "p50, 8", "p99, 8", "rows");
    for (const auto& [name, target, on_rows] : questions()) {
        const auto path = "/reports/" + target;
        (void)ask(reporter.port(), path, 4, 1);  // every connection of the pool has its caches
        const auto one = ask(reporter.port(), path, 1, 100);
        const auto eight = ask(reporter.port(), path, 8, 50);
        const auto started = Clock::now();
        test::query(url, on_rows);
        const std::chrono::duration<double, std::milli> rows = Clock::now() - started;
        fmt::print("{:32} {:9.2f} {:9.2f} {:9.2f} {:9.2f} {:10.1f}\n", name, one.median(),
                   one.quantile(0.99), eight.median(), eight.quantile(0.99), rows.count());
        std::fflush(stdout);
    }
}

/// Stores the same events into two databases, one without triggers, in turns.
void measure_cost(test::PostgresCluster& cluster) {
    constexpr std::uint64_t kEvents = 100'000;
    constexpr int kRounds = 7;
    const auto with = cluster.make_database();
    const auto without = cluster.make_database();
    migrate(with);
    migrate(without);
    for (const auto* table : {"facebook_events", "tiktok_events"}) {
        test::query(without, fmt::format("ALTER TABLE {} DISABLE TRIGGER USER", table));
        test::query(without, "DROP EVENT TRIGGER IF EXISTS follow_event_partitions");
        // An index that only the rollups' ragged ends need.
        test::query(without, fmt::format("DROP INDEX {}_transactions", table));
    }
    metrics::Registry metrics;
    collector::RollupKeeper keeper{Source::facebook,
                                   {.url = config::Secret{with}, .application_name = "bench"},
                                   [] { return false; },
                                   {"bench", {.level = logging::Level::fatal}},
                                   metrics};
    keeper.start();
    Samples rate_with;
    Samples rate_without;
    for (std::uint64_t round = 0; round <= kRounds; ++round) {
        const Load what{.first = round * kEvents,
                        .count = kEvents,
                        .of = kEvents * (kRounds + 1),
                        .begin = kBegin,
                        .span = kSpan};
        const auto plain = static_cast<double>(kEvents) / load(without, what);
        const auto kept = static_cast<double>(kEvents) / load(with, what);
        if (round == 0) continue;  // makes partitions and warms up
        rate_without.add(plain);
        rate_with.add(kept);
    }
    fmt::print("\nstored events/s, both sources at once, median of {}\n", kRounds);
    const auto print = [](const char* name, const Samples& rate) {
        fmt::print("{:32} {:9.0f}   ({:.0f} to {:.0f})\n", name, rate.median(), rate.quantile(0),
                   rate.quantile(1));
    };
    print("without rollups", rate_without);
    print("with rollups, kept and folded", rate_with);
    fmt::print("{:32} {:8.1f}%\n", "cost", 100 * (1 - rate_with.median() / rate_without.median()));
}

int run(const std::vector<std::string>& arguments) {
    if (arguments.empty()) throw std::runtime_error{"which reporter?"};
    std::vector<std::uint64_t> sizes;
    for (std::size_t i = 1; i < arguments.size(); ++i) sizes.push_back(std::stoull(arguments[i]));
    if (sizes.empty()) sizes = {100'000, 1'000'000, 10'000'000};

    test::PostgresCluster cluster{kServerSettings};
    measure_cost(cluster);
    for (const auto size : sizes) {
        const auto url = cluster.make_database();
        migrate(url);
        const auto seconds = load(url, {.first = 0, .count = size, .of = size, .begin = kBegin});
        fmt::print("\n{} events stored at {:.0f}/s\n", size, static_cast<double>(size) / seconds);
        catch_up(url);
        measure(arguments[0], url, size);
    }
    return 0;
}

}  // namespace
}  // namespace events::bench

int main(int argc, char** argv) {
    try {
        return events::bench::run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench_reports: {}\n", error.what());
        return 1;
    }
}
