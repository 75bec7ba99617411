#include "reporter/reports.hpp"

#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "random_filter.hpp"
#include "reporter_server.hpp"
#include "support/postgres_cluster.hpp"
#include "support/zlib.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>

#include <array>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A database of its own with random rows, and a reporter over it.
class ReportsTest : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        url_ = test::postgres_cluster().make_database();
        prepare_database(url_);
        rows_ = random_events(20'260'301, 600);
        store(url_, rows_);
    }

    /// Whether there was anything to find.
    bool expect_same_figures(Category report, const AskedFilter& filter) const {
        const auto query = filter.query();
        const auto& [path, expected_of, nothing] = kReports.at(static_cast<std::size_t>(report));
        const auto expected = expected_of(rows_, filter);
        EXPECT_EQ(body_of(path + query), expected) << query;
        return expected != nothing;
    }

    [[nodiscard]] std::string body_of(const std::string& target) const {
        const auto response = server_.get(target);
        EXPECT_EQ(response.status, 200U) << response.body;
        EXPECT_EQ(response.header("Content-Type"), "application/json");
        return response.body;
    }

    struct Expectation {
        std::string path;
        std::string (*expected)(const std::vector<StoredEvent>&, const AskedFilter&);
        std::string nothing;
    };
    /// By Report.
    inline static const std::array<Expectation, 3> kReports{
        {{"events?", &expected_events, R"({"count":0})"},
         {"revenue?", &expected_revenue,
          R"({"revenue":0.00,"transactions":0,"averageOrderValue":null})"},
         {"demographics?", &expected_demographics, R"({"userCount":0})"}}};

    inline static std::string url_;                // NOLINT(cert-err58-cpp)
    inline static std::vector<StoredEvent> rows_;  // NOLINT(cert-err58-cpp)
    ReporterServer server_{url_};
};

TEST_F(ReportsTest, CountsEverythingWithoutParameters) {
    EXPECT_EQ(body_of("events"), R"({"count":600})");
    for (const auto report : {Category::events, Category::revenue, Category::demographics}) {
        expect_same_figures(report, {});
    }
}

TEST_F(ReportsTest, FilterByEachParameterAlone) {
    const auto noon = kFirstDay + 36h;
    const std::int64_t noon_ms =
        std::chrono::floor<std::chrono::milliseconds>(noon.time_since_epoch()).count();
    std::vector<AskedFilter> filters{
        {.from = noon_ms},
        {.to = noon_ms},
        {.exact_from = noon},
        {.exact_to = noon},
        {.source = kFacebook},
        {.source = kTikTok},
        {.stage = FunnelStage::top},
        {.stage = FunnelStage::bottom},
        {.campaign = "50% off"},
        {.campaign = "no such campaign"},
        {.age = 18},
        {.age_min = 19},
        {.age_max = 18},
        {.followers = 1'000},
        {.followers_min = 1'000},
        {.followers_max = 999},
        {.gender = "non-binary"},
        {.country = "C\xC3\xB4te d'Ivoire"},
        {.country = "kenya"},
        {.city = "San Jos\xC3\xA9 +1"},
        {.device = "desktop"},
        {.device = "Desktop"},
        {.device = "mobile"},
        {.device = "iOS"},
    };
    for (const auto& type : event_types()) filters.push_back({.type = std::string{type.name}});
    for (const auto report : {Category::events, Category::revenue, Category::demographics}) {
        for (const auto& filter : filters) expect_same_figures(report, filter);
    }
}

TEST_F(ReportsTest, GiveTheSameFiguresAsCountingTheRowsForAnyCombination) {
    std::mt19937 random{7};
    for (const auto report : {Category::events, Category::revenue, Category::demographics}) {
        int found = 0;
        for (int i = 0; i < 150 && !HasFailure(); ++i) {
            found += expect_same_figures(report, random_filter(rows_, random)) ? 1 : 0;
        }
        EXPECT_GT(found, 20) << "many filters should find something";
    }
}

TEST(KeptReports, SayFromWhenOnEventsAreKept) {
    const auto url = test::postgres_cluster().make_database();
    prepare_database(url);
    test::query(url,
                "INSERT INTO events.retained_from VALUES ('facebook', '2026-03-02 00:00:00+00'), "
                "('tiktok', '2026-03-01 12:00:00.5+00')");
    const ReporterServer server{url};
    const auto from_of = [&](const std::string& query) {
        const auto response = server.get("events?" + query);
        const auto report = nlohmann::json::parse(response.body);
        const auto from = report.value("from", "");
        EXPECT_EQ(response.header("Retained-From"), from) << query;
        return from;
    };
    const std::string facebook = "2026-03-02T00:00:00Z";
    const std::string tiktok = "2026-03-01T12:00:00.500000Z";
    EXPECT_EQ(from_of(""), facebook) << "the later one";
    EXPECT_EQ(from_of("source=facebook"), facebook);
    EXPECT_EQ(from_of("source=tiktok"), tiktok);
    EXPECT_EQ(from_of("eventType=video.view"), facebook) << "which both have";
    EXPECT_EQ(from_of("from=2026-03-01T23:59:59.999999Z"), facebook);
    EXPECT_EQ(from_of("from=2026-03-02T00:00:00Z"), "");
    EXPECT_EQ(from_of("from=2026-03-01T12:00:00.5Z&source=tiktok"), "");
    EXPECT_EQ(from_of("to=2026-02-01T00:00:00Z"), facebook) << "of which all is gone";
    EXPECT_EQ(server.get("revenue?groupBy=source").body,
              R"({"revenue":0.00,"transactions":0,"averageOrderValue":null,)"
              R"("from":"2026-03-02T00:00:00Z","groups":[],"truncated":false})");
    const auto csv =
        server.get_path("/reports/events?to=2026-03-03T00:00:00Z", {{"Accept", "text/csv"}});
    EXPECT_EQ(csv.body, "count\r\n0\r\n");
    EXPECT_EQ(csv.header("Retained-From"), facebook);
    const auto unchanged = server.get_path(
        "/reports/events?to=2026-03-03T00:00:00Z",
        {{"Accept", "text/csv"}, {"If-None-Match", std::string{csv.header("ETag")}}});
    EXPECT_EQ(unchanged.status, 304U);
    EXPECT_EQ(unchanged.header("Retained-From"), facebook);
}

TEST_F(ReportsTest, LetsACampaignBelongToFacebookOnly) {
    EXPECT_EQ(body_of("revenue?source=tiktok&campaignId=spring"),
              R"({"revenue":0.00,"transactions":0,"averageOrderValue":null})");
}

TEST_F(ReportsTest, TakesTimesFarBeyondAnyEvent) {
    EXPECT_EQ(body_of("events?from=-8640000000000000&to=8640000000000000"), R"({"count":600})");
    EXPECT_EQ(body_of("events?from=8000000000000000"), R"({"count":0})");
    EXPECT_EQ(body_of("events?to=-8000000000000000"), R"({"count":0})");
    EXPECT_EQ(body_of("events?from=0000-01-01T00:00:00Z&to=9999-12-31T23:59:59Z"),
              R"({"count":600})");
}

TEST_F(ReportsTest, NamesEveryBadParameterInOneProblem) {
    const auto response = server_.get("events?from=x&source=facebook&eventType=purchase&colour=1");
    EXPECT_EQ(response.status, 400U);
    EXPECT_EQ(response.header("Content-Type"), "application/problem+json");
    const auto problem = nlohmann::json::parse(response.body);
    EXPECT_EQ(problem.at("status"), 400);
    EXPECT_EQ(problem.at("detail"), "These parameters can not be used: colour, from, eventType.");
    EXPECT_EQ(problem.at("correlationId"), response.header("X-Correlation-Id"));
    std::vector<std::string> names;
    for (const auto& error : problem.at("errors")) {
        names.push_back(error.at("parameter"));
        EXPECT_FALSE(error.at("message").get<std::string>().empty());
    }
    EXPECT_THAT(names, ElementsAre("colour", "from", "eventType"));
}

TEST_F(ReportsTest, AnswersWithCsvWhoAsksForIt) {
    const auto csv = server_.get_path("/reports/events?groupBy=source", {{"Accept", "text/csv"}});
    EXPECT_EQ(csv.status, 200U);
    EXPECT_EQ(csv.header("Content-Type"), "text/csv; charset=utf-8");
    EXPECT_EQ(csv.header("Vary"), "Accept, Accept-Encoding");
    EXPECT_THAT(csv.body, ::testing::StartsWith("source,count\r\n"));
    EXPECT_EQ(server_.get_path("/reports/events", {{"Accept", "*/*"}}).body, R"({"count":600})");
}

TEST_F(ReportsTest, PacksLargeAnswersForWhoTakesThemSo) {
    const std::string large =
        "/reports/events?interval=hour&from=2026-03-01T00:00:00Z&to=2026-03-20T00:00:00Z";
    for (const auto* type : {"application/json", "text/csv"}) {
        const auto plain = server_.get_path(large, {{"Accept", type}});
        ASSERT_GT(plain.body.size(), 10'000U);
        EXPECT_EQ(plain.header("Content-Encoding"), "");
        EXPECT_EQ(plain.header("Vary"), "Accept, Accept-Encoding");
        const auto packed =
            server_.get_path(large, {{"Accept", type}, {"Accept-Encoding", "gzip"}});
        EXPECT_EQ(packed.header("Content-Encoding"), "gzip");
        EXPECT_EQ(packed.header("Vary"), "Accept, Accept-Encoding");
        EXPECT_LT(packed.body.size(), plain.body.size() / 4);
        EXPECT_EQ(test::gunzip(packed.body), plain.body);
        EXPECT_NE(packed.header("ETag"), plain.header("ETag")) << "other bytes, another strong tag";
        const auto again =
            server_.get_path(large, {{"Accept", type},
                                     {"Accept-Encoding", "gzip"},
                                     {"If-None-Match", std::string{packed.header("ETag")}}});
        EXPECT_EQ(again.status, 304U);
        EXPECT_EQ(again.header("Content-Encoding"), "");
    }
    const auto small = server_.get_path("/reports/events", {{"Accept-Encoding", "gzip"}});
    EXPECT_EQ(small.header("Content-Encoding"), "");
    EXPECT_EQ(small.header("Vary"), "Accept, Accept-Encoding");
    EXPECT_EQ(small.body, R"({"count":600})");
}

TEST_F(ReportsTest, LetsAClientKeepTheAnswerOfARangeThatIsOver) {
    const std::string path = "/reports/events?to=1";
    const auto first = server_.get_path(path);
    const std::string tag{first.header("ETag")};
    EXPECT_FALSE(tag.empty());
    EXPECT_EQ(first.header("Cache-Control"), "no-cache");
    const auto again = server_.get_path(path, {{"If-None-Match", tag}});
    EXPECT_EQ(again.status, 304U);
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(again.header("ETag"), tag);
    EXPECT_EQ(server_.get_path(path, {{"If-None-Match", "\"other\""}}).status, 200U);
    const auto csv = server_.get_path(path, {{"If-None-Match", tag}, {"Accept", "text/csv"}});
    EXPECT_EQ(csv.status, 200U) << "another representation";
    // Still growing, or to be: nothing to keep.
    for (const auto* open : {"/reports/events", "/reports/events?to=8000000000000000"}) {
        EXPECT_EQ(server_.get_path(open).header("ETag"), "") << open;
        EXPECT_EQ(server_.get_path(open).header("Cache-Control"), "no-store") << open;
    }
}

TEST_F(ReportsTest, CountsItsLatencyByCategory) {
    (void)body_of("events");
    (void)server_.get("revenue?from=x");
    const auto text = server_.metrics();
    EXPECT_THAT(text, HasSubstr(R"(report_latency_seconds_count{category="events"} 1)"));
    EXPECT_THAT(text, HasSubstr(R"(report_latency_seconds_count{category="revenue"} 0)"));
    EXPECT_THAT(text, HasSubstr(R"(report_latency_seconds_count{category="demographics"} 0)"));
}

/// A database of its own for each test.
class OwnRowsTest : public ::testing::Test {
  protected:
    OwnRowsTest() { prepare_database(url_); }

    [[nodiscard]] std::string body_of(const std::string& target) const {
        return server().get(target).body;
    }
    [[nodiscard]] const ReporterServer& server() const {
        if (!server_) server_ = std::make_unique<ReporterServer>(url_);
        return *server_;
    }
    static StoredEvent view_at(Timestamp at) {
        return {.type = find_event_type(kFacebook, "ad.view"),
                .id = "one",
                .at = at,
                .user = "u",
                .age = 30,
                .gender = "male",
                .country = "Kenya",
                .city = "Nairobi"};
    }

    std::string url_ = test::postgres_cluster().make_database();
    mutable std::unique_ptr<ReporterServer> server_;
};

TEST_F(OwnRowsTest, IncludesBothEnds) {
    store(url_, {view_at(kFirstDay + 123'456us)});
    const auto epoch_ms = std::chrono::milliseconds{kFirstDay.time_since_epoch()}.count();
    const auto count = [&](const std::string& query) { return body_of("events?" + query); };
    const auto ms = [&](const char* name, std::int64_t offset) {
        return std::string{name} + "=" + std::to_string(epoch_ms + offset);
    };
    const std::string one = R"({"count":1})";
    const std::string none = R"({"count":0})";
    EXPECT_EQ(count("from=2026-03-01T00:00:00.123456Z"), one);
    EXPECT_EQ(count("from=2026-03-01T00:00:00.123457Z"), none);
    EXPECT_EQ(count("to=2026-03-01T00:00:00.123456Z"), one);
    EXPECT_EQ(count("to=2026-03-01T00:00:00.123455Z"), none);
    EXPECT_EQ(count("to=2026-03-01T02:00:00.123456+02:00"), one) << "an offset written as it is";
    EXPECT_EQ(count(ms("from", 123)), one);
    EXPECT_EQ(count(ms("from", 124)), none);
    EXPECT_EQ(count(ms("to", 123)), one);
    EXPECT_EQ(count(ms("to", 122)), none);
}

TEST_F(OwnRowsTest, AddsMoneyUpToTheCentBeyondEveryMachineNumber) {
    // 100,000 times 999,999,999,999.99, and one cent: more cents than 63 bits hold.
    pqxx::connection connection{url_};
    pqxx::work transaction{connection};
    transaction.exec(
        "INSERT INTO tiktok_events (event_id, occurred_at, received_at, funnel_stage, event_type,"
        " user_id, username, followers, purchase_amount)"
        " SELECT n, '2026-03-01T00:00:00Z', now(), 'bottom', 'purchase', n, n, 1,"
        " CASE n WHEN 100001 THEN 0.01 WHEN 100002 THEN NULL ELSE 999999999999.99 END"
        " FROM generate_series(1, 100002) AS n");
    transaction.commit();
    EXPECT_EQ(body_of("revenue"), R"({"revenue":99999999999999000.01,"transactions":100001,)"
                                  R"("averageOrderValue":999990000099.99})");
}

TEST_F(OwnRowsTest, ShowsEveryEventThatWasCommittedBeforeTheRequest) {
    pqxx::connection connection{url_};
    for (int i = 1; i <= 50; ++i) {
        pqxx::work transaction{connection};
        transaction.exec(
            "INSERT INTO facebook_events (event_id, occurred_at, received_at, funnel_stage,"
            " event_type, user_id, name, age, gender, country, city) VALUES (" +
            std::to_string(i) +
            ", '2026-03-01T00:00:00Z', now(), 'top', 'ad.view', 'u', 'n', 30, 'male', 'k', 'c')");
        EXPECT_EQ(body_of("events"), R"({"count":)" + std::to_string(i - 1) + "}");
        transaction.commit();
        EXPECT_EQ(body_of("events"), R"({"count":)" + std::to_string(i) + "}");
    }
}

void expect_retry_later(const http::ClientResponse& response) {
    EXPECT_EQ(response.status, 503U);
    EXPECT_EQ(response.header("Content-Type"), "application/problem+json");
    EXPECT_EQ(response.header("Retry-After"), "2");
}

TEST_F(OwnRowsTest, AnswersThatItIsUnavailableWhileTheDatabaseIsAwayAndRecovers) {
    test::PostgresCluster cluster;
    const auto url = cluster.make_database();
    prepare_database(url);
    const ReporterServer server{url};
    EXPECT_EQ(server.get("events").body, R"({"count":0})");
    cluster.kill();
    expect_retry_later(server.get("events"));
    expect_retry_later(server.get("demographics"));
    cluster.restart();
    ASSERT_TRUE(test::await([&] { return server.get("events").status == 200; }));
}

}  // namespace
}  // namespace events::reporter
