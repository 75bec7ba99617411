// Dashboards and rules against the running suite: every query is asked, by a real Prometheus or as
// the role of the dashboards, and must have an answer; every metric that is named must exist.
#include "common/postgres/migrations.hpp"
#include "load.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/grafana.hpp"
#include "support/promql.hpp"
#include "support/reader_role.hpp"
#include "watched_stack.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <iterator>
#include <memory>
#include <regex>
#include <set>

namespace events::test {
namespace {

using ::testing::IsEmpty;
using Names = std::set<std::string>;

/// What the suite promises to dashboards (contract, section 8).
const Names kPromised{"accepted_events_total",
                      "processed_events_total",
                      "failed_events_total",
                      "duplicate_events_total",
                      "dead_letter_events_total",
                      "report_latency_seconds",
                      "http_requests_total",
                      "http_request_duration_seconds",
                      "batch_size_events",
                      "batch_store_seconds",
                      "event_storage_delay_seconds",
                      "consumer_pending_messages",
                      "consumer_unacknowledged_messages",
                      "jetstream_publish_seconds",
                      "inflight_events",
                      "inflight_bytes",
                      "dependency_up",
                      "published_events_total",
                      "publish_failures_total",
                      "process_cpu_seconds_total",
                      "process_resident_memory_bytes",
                      "process_open_fds",
                      "process_start_time_seconds",
                      "build_info"};

/// What Prometheus itself makes.
const Names kPrometheusOwn{"up", "ALERTS"};

/// Without " or vector(0)" anywhere, and without " or 0 * ..." at the end.
std::string without_fallback(const std::string& promql) {
    return std::regex_replace(promql, std::regex{R"( or (vector\(0\)|0 \* .*$))"}, "");
}

/// The name under which a histogram's series are declared.
std::string stem(std::string name) {
    for (const std::string_view part : {"_bucket", "_sum", "_count"}) {
        if (name.ends_with(part)) return name.substr(0, name.size() - part.size());
    }
    return name;
}

/// Those of `names` that are not among `known`.
Names missing(const Names& names, const Names& known) {
    Names found;
    std::ranges::set_difference(names, known, std::inserter(found, found.end()));
    return found;
}

class Dashboards : public ::testing::Test {
  protected:
    static void SetUpTestSuite() { suite_ = std::make_unique<WatchedStack>(); }
    static void TearDownTestSuite() { suite_.reset(); }

    static Stack& stack() { return suite_->stack(); }
    static PrometheusServer& prometheus() { return suite_->prometheus(); }

    static std::string text_of(const PanelQuery& query) {
        return with_intervals(query.text, "15s", "1m");
    }

    /// The queries that have an error or no answer, with what is wrong.
    static std::vector<std::string> unanswered() {
        std::vector<std::string> problems;
        const auto check = [&](const std::string& where, const std::string& expression) {
            const auto answer = prometheus().query(expression);
            if (!answer.error.empty()) {
                problems.push_back(fmt::format("{}: {}: {}", where, answer.error, expression));
            } else if (answer.samples.empty()) {
                problems.push_back(fmt::format("{}: no data: {}", where, expression));
            }
        };
        for (const auto& query : panel_queries()) {
            if (query.source != "prometheus") continue;
            check(query.where, text_of(query));
            // With what makes it read zero taken away, a wrong label shows.
            check(query.where, without_fallback(text_of(query)));
        }
        for (const auto& rule : prometheus().rules()) {
            if (!rule.error.empty()) problems.push_back(rule.name + ": " + rule.error);
            // An alert is empty while all is well; then its error is what there is to look at.
            if (!rule.alerts) check(rule.name, rule.expression);
        }
        return problems;
    }

    /// The metrics that these expressions read, through recording rules too.
    static Names metrics_behind(const Names& expressions) {
        std::map<std::string, std::string> recorded;
        for (const auto& rule : prometheus().rules()) {
            if (!rule.alerts) recorded[rule.name] = rule.expression;
        }
        Names found;
        std::vector<std::string> left{expressions.begin(), expressions.end()};
        while (!left.empty()) {
            const auto expression = left.back();
            left.pop_back();
            for (const auto& name : metric_names(expression)) {
                if (kPrometheusOwn.contains(name) || !found.insert(name).second) continue;
                const auto rule = recorded.find(name);
                if (rule == recorded.end()) continue;
                found.erase(name);
                // Each of them once.
                left.push_back(std::exchange(rule->second, ""));
            }
        }
        Names stems;
        for (const auto& name : found) stems.insert(stem(name));
        return stems;
    }

    static Names panel_expressions() {
        Names expressions;
        for (const auto& query : panel_queries()) {
            if (query.source == "prometheus") expressions.insert(text_of(query));
        }
        return expressions;
    }

    static inline std::unique_ptr<WatchedStack> suite_;
};

TEST_F(Dashboards, HaveAnAnswerInEveryPanelAndForEveryRule) {
    std::vector<std::string> problems;
    const bool answered = await([&] {
        suite_->be_used();
        problems = unanswered();
        return problems.empty();
    });
    EXPECT_TRUE(answered);
    EXPECT_THAT(problems, IsEmpty());
    for (const auto& rule : prometheus().rules()) {
        EXPECT_EQ(prometheus().query(rule.expression).error, "") << rule.name;
    }
}

TEST_F(Dashboards, NameOnlyMetricsThatExistAndAllThatArePromised) {
    suite_->be_used();
    auto expressions = panel_expressions();
    for (const auto& rule : prometheus().rules()) expressions.insert(rule.expression);
    const auto known = suite_->exported();
    EXPECT_THAT(missing(metrics_behind(expressions), known), IsEmpty());

    // A recording rule that nobody reads shows nothing.
    auto shown = panel_expressions();
    for (const auto& rule : prometheus().rules()) {
        if (rule.alerts) shown.insert(rule.expression);
    }
    EXPECT_THAT(missing(kPromised, metrics_behind(shown)), IsEmpty());

    const std::string setting = "max_bytes";  // JetStream's
    const std::regex name{"`([a-z]+(_[a-z]+)*_(total|seconds|bytes|messages|files|fds))[`{]"};
    for (const auto& file :
         std::filesystem::recursive_directory_iterator{source_directory() / "docs"}) {
        if (file.path().extension() != ".md") continue;
        const auto text = read_file(file.path());
        for (std::sregex_iterator match{text.begin(), text.end(), name}, end; match != end;
             ++match) {
            EXPECT_TRUE((*match)[1] == setting || known.contains((*match)[1].str()))
                << file.path().filename() << " names " << (*match)[1].str();
        }
    }
}

TEST_F(Dashboards, TellHowThePipelineIsAndWhatFlows) {
    std::map<std::string, std::string> overview;
    for (const auto& query : panel_queries()) {
        if (query.where.starts_with("overview: ") && query.kind == "stat") {
            overview[query.where.substr(10)] = text_of(query);
        }
    }
    constexpr std::array kHealth{"Publisher A",  "Gateway A",    "Streams A",
                                 "Collectors A", "PostgreSQL A", "Reporter A"};
    const auto is = [&](const char* panel, double value) {
        return await([&] { return suite_->figure(overview.at(panel)) == value; });
    };
    for (const auto* panel : kHealth) EXPECT_TRUE(is(panel, 2)) << panel;
    for (const auto* panel : {"Published A", "Accepted A", "Stored A", "Transactions A",
                              "Storage delay, p99 A", "POST, p99 A", "Dead letters A"}) {
        EXPECT_TRUE(await([&] { return suite_->figure(overview.at(panel)) > 0; })) << panel;
    }

    // One source's collector and the reporter gone: one is half of it, the other all.
    EXPECT_EQ(stack().stop("ttk-collector").code, 0);
    EXPECT_EQ(stack().stop("reporter").code, 0);
    EXPECT_TRUE(is("Collectors A", 1));
    EXPECT_TRUE(is("Reporter A", 0));
    EXPECT_TRUE(is("Gateway A", 2));
    stack().start("ttk-collector");
    suite_->start_reporter();
    EXPECT_TRUE(is("Collectors A", 2));
    EXPECT_TRUE(is("Reporter A", 2));
    stack().nats().kill();
    EXPECT_TRUE(is("Streams A", 0));
    EXPECT_TRUE(is("Gateway A", 1));
    stack().nats().restart();
    EXPECT_TRUE(is("Streams A", 2));
    // Else the next one's events are spooled, too.
    EXPECT_TRUE(await([&] { return stack().metric("gateway", "spool_files") == 0; }));
}

/// Runs a panel's SQL as the role of the dashboards, in the last four hours.
pqxx::result read_as_reader(const std::string& database, const PanelQuery& query) {
    pqxx::connection connection{as_role(database, "events_reader")};
    pqxx::nontransaction transaction{connection};
    return transaction.exec(with_last_hours(query.text, 4));
}

TEST_F(Dashboards, ReadTheDatabaseAsTheirRole) {
    // So many that every type and attribute occurs.
    EXPECT_EQ(suite_->post(make_batch(2'000, 7).body), 201U);
    EXPECT_TRUE(await([&] { return stack().stored_rows() > 2'000; }));
    int queries = 0;
    for (const auto& query : panel_queries()) {
        if (query.source != "postgres") continue;
        SCOPED_TRACE(query.where);
        ++queries;
        const auto rows = read_as_reader(stack().database(), query);
        EXPECT_FALSE(rows.empty());
        double sum = 0;
        for (const auto& row : rows) {
            const auto figure = query.kind == "table" ? row[1] : row[row.size() - 1];
            sum += figure.as<double>();
        }
        EXPECT_GT(sum, 0);
        if (query.kind != "timeseries") continue;
        EXPECT_STREQ(rows.column_name(0), "time");
        EXPECT_STREQ(rows.column_name(1), "metric");
        EXPECT_EQ(rows.columns(), 3U);  // else Grafana names the series otherwise
    }
    EXPECT_GT(queries, 10);
}

TEST(DashboardsOfAnEmptyDatabase, ReadZero) {
    const auto database = postgres_cluster().make_database();
    {
        postgres::Connection connection{
            {.url = config::Secret{database}, .application_name = "dashboards-test"}, {}};
        postgres::migrate(connection, postgres::embedded_migrations(),
                          {"dashboards-test", {.level = logging::Level::fatal}});
    }
    make_reader(database);
    for (const auto& query : panel_queries()) {
        if (query.source != "postgres") continue;
        SCOPED_TRACE(query.where);
        const auto rows = read_as_reader(database, query);
        // A list of what there is may be empty.
        if (query.kind == "stat") {
            ASSERT_EQ(rows.size(), 1U);
            EXPECT_EQ(rows[0][0].as<double>(), 0);
        } else if (query.kind == "timeseries") {
            EXPECT_EQ(rows.size(), 2U);
            for (const auto& row : rows) EXPECT_EQ(row[2].as<double>(), 0);
        }
    }
}

}  // namespace
}  // namespace events::test
