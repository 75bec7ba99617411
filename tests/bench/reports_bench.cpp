// How long reports take over 100 thousand, 1 million and 10 million stored events, beside the same
// question asked of the rows themselves, with which each answer is compared first.
//
//   bench_reports REPORTER [EVENTS...]   the daemon's binary; how many events over 30 days. Without
//                                        any: also half a million and a million in ten minutes

#include "common/collector/segment_keeper.hpp"
#include "common/http/client.hpp"
#include "common/postgres/migrations.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "loader.hpp"
#include "report_questions.hpp"
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
#include <utility>
#include <vector>

namespace events::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr Timestamp kBegin{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

/// Stored events, and what is asked of them.
struct Dataset {
    std::string name;
    std::uint64_t events = 0;
    std::chrono::seconds span{};
    std::vector<Question> asked;
};

Dataset month(std::uint64_t events) {
    constexpr std::chrono::hours kMonth{24 * 30};
    return {"over 30 days", events, kMonth, questions(kBegin + kMonth)};
}

/// So many in ten minutes that a part of a minute is many.
Dataset busy(std::uint64_t events) {
    const auto from = kBegin + 2min + 13'500ms;
    const auto to = kBegin + 7min + 41'250ms;
    return {"within ten minutes", events, 10min, questions_between(from, to)};
}

/// Milliseconds of each request, by several clients at once, each with a target.
Samples ask(std::uint16_t port, const std::vector<std::string>& targets, int requests) {
    std::vector<std::future<Samples>> asking;
    for (const auto& target : targets) {
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

Samples ask(std::uint16_t port, const std::string& target, std::size_t clients, int requests) {
    return ask(port, std::vector{clients, target}, requests);
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
    [[nodiscard]] std::string get(const std::string& target) const {
        http::Client client{"127.0.0.1", port_};
        http::ClientRequest request;
        request.target = target;
        const auto response = client.send(request, 5min);
        return response ? response->body : response.error().message;
    }

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

/// Lets the collectors' keepers merge until there is nothing left to merge soon.
void merge_segments(const std::string& url) {
    const auto started = Clock::now();
    metrics::Registry metrics;
    const logging::Logger log{"bench", {.level = logging::Level::fatal}};
    const postgres::Options database{.url = config::Secret{url}, .application_name = "bench"};
    // The days are over: as if they had been so for long.
    const collector::SegmentKeeperOptions at_once{.limits = {.quiet = 0s}};
    collector::SegmentKeeper facebook{kFacebook, database, log, metrics, at_once};
    collector::SegmentKeeper tiktok{kTikTok, database, log, metrics, at_once};
    facebook.start();
    tiktok.start();
    std::string before;
    std::string segments;
    do {
        before = std::exchange(segments, test::query(url, "SELECT count(*) FROM events.segments"));
        std::this_thread::sleep_for(5s);
    } while (segments != before ||
             test::query(url, "SELECT count(*) FROM events.segments WHERE level = 0") != "0");
    const std::chrono::duration<double> took = Clock::now() - started;
    fmt::print("merged into {} segments in {:.0f} s\n", segments, took.count());
    test::query(url, "VACUUM ANALYZE");
}

double milliseconds_on_rows(const std::string& url, const Question& question,
                            const std::string& answer) {
    const auto started = Clock::now();
    const auto counted = test::query(url, question.on_rows);
    const std::chrono::duration<double, std::milli> took = Clock::now() - started;
    const bool is_one_figure = question.target.find("groupBy=") == std::string::npos &&
                               question.target.find("interval=") == std::string::npos;
    if (is_one_figure && figure_of(answer) != counted) {
        throw std::runtime_error{
            fmt::format("{}: {}, but the rows say {}", question.target, answer, counted)};
    }
    return took.count();
}

/// Eight clients at once whose questions on a category differ, so that none shares an answer.
void measure_different(std::uint16_t port, const Dataset& dataset, const std::string& category) {
    constexpr std::size_t kClients = 8;
    std::vector<std::string> targets;
    for (const auto& question : dataset.asked) {
        if (question.target.starts_with(category) && targets.size() < kClients) {
            targets.push_back("/reports/" + question.target);
        }
    }
    if (targets.size() < kClients) return;
    const auto eight = ask(port, targets, 50);
    fmt::print("{:36} {:>9} {:>9} {:9.2f} {:9.2f}\n", category + ", 8 different at once", "", "",
               eight.median(), eight.quantile(0.99));
    std::fflush(stdout);
}

void measure(const std::string& binary, const std::string& url, const Dataset& dataset) {
    const Reporter reporter{binary, url};
    fmt::print("\n{} events {}: milliseconds\n{:36} {:>9} {:>9} {:>9} {:>9} {:>10}\n",
               dataset.events, dataset.name, "", "p50, 1", "p99, 1", "p50, 8", "p99, 8", "rows");
    for (const auto& question : dataset.asked) {
        const auto path = "/reports/" + question.target;
        const auto rows = milliseconds_on_rows(url, question, reporter.get(path));
        (void)ask(reporter.port(), path, 4, 1);  // every connection of the pool has its caches
        const auto one = ask(reporter.port(), path, 1, 100);
        const auto eight = ask(reporter.port(), path, 8, 50);
        fmt::print("{:36} {:9.2f} {:9.2f} {:9.2f} {:9.2f} {:10.1f}\n", question.name, one.median(),
                   one.quantile(0.99), eight.median(), eight.quantile(0.99), rows);
        std::fflush(stdout);
    }
    for (const auto* category : {"events", "demographics"}) {
        measure_different(reporter.port(), dataset, category);
    }
}

int run(const std::vector<std::string>& arguments) {
    if (arguments.empty()) throw std::runtime_error{"which reporter?"};
    std::vector<Dataset> datasets;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        datasets.push_back(month(std::stoull(arguments[i])));
    }
    if (datasets.empty()) {
        datasets = {busy(500'000), busy(1'000'000), month(100'000), month(1'000'000),
                    month(10'000'000)};
    }
    test::PostgresCluster cluster{kServerSettings};
    for (const auto& dataset : datasets) {
        const auto url = cluster.make_database();
        migrate(url);
        const auto events = dataset.events;
        const auto seconds = load(
            url,
            {.first = 0, .count = events, .of = events, .begin = kBegin, .span = dataset.span});
        fmt::print("\n{} events stored at {:.0f}/s\n", events,
                   static_cast<double>(events) / seconds);
        merge_segments(url);
        measure(arguments[0], url, dataset);
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
