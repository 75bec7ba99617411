// statements.sql is what the reporter sends to the database: a change of it is seen in review.

#include "reporter_server.hpp"
#include "segment_builder.hpp"
#include "stored_events.hpp"
#include "support/environment.hpp"
#include "support/postgres_cluster.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>

namespace events::reporter {
namespace {

/// The queries that the server's log has of the reporter, in alphabetical order, with N for each
/// number of a partition and its times.
std::string statements_of(const std::filesystem::path& log) {
    static const std::regex kStatement{
        R"(^reporter\|LOG:  (?:statement|execute [^:]*): ((?:SELECT|DECLARE) .*)$)"};
    static const std::regex kOid{R"((= |\()\d{4,}\b)"};
    static const std::regex kTime{R"('-?\d{4}-\d\d-\d\d [^']*')"};
    std::set<std::string> found;
    std::ifstream file{log};
    for (std::string line; std::getline(file, line);) {
        std::smatch match;
        if (!std::regex_match(line, match, kStatement)) continue;
        if (match[1] == "SELECT 1") continue;  // a sign of life
        const auto plain = std::regex_replace(match[1].str(), kOid, "$1N");
        found.insert(std::regex_replace(plain, kTime, "'TIME'"));
    }
    std::string text;
    for (const auto& statement : found) text += statement + "\n";
    return text;
}

TEST(Statements, AreThoseOfTheGoldenFile) {
    test::PostgresCluster cluster{{"log_statement=all", "log_line_prefix=%a|"}};
    const auto url = cluster.make_database();
    prepare_days(url);
    store(url, random_events(1, 50));
    SegmentBuilder{url}.build(10);
    test::query(url, "DELETE FROM facebook_events WHERE event_id = 'event-1'");
    test::query(url,
                "DELETE FROM events.built_partitions WHERE partition = "
                "'\"tiktok_events_2026-03-01\"'::regclass");
    const ReporterServer server{url};
    for (const auto* target :
         {"events", "revenue?country=Kenya", "demographics?groupBy=city", "events?interval=minute",
          "revenue?interval=hour&tz=Europe/Berlin", "demographics?interval=day&tz=Europe/Berlin",
          "events?interval=minute&tz=Europe/Berlin", "events?interval=week&tz=Europe/Berlin",
          "events?interval=month&tz=Europe/Berlin"}) {
        EXPECT_EQ(server.get(target).status, 200U) << target;
    }
    postgres::Connection connection{{.url = config::Secret{url}, .application_name = "reporter"},
                                    {}};
    EXPECT_TRUE(read_time_zones(connection).contains("UTC"));
    const std::string golden = EVENTS_SOURCE_DIR "/tests/integration/reporter/statements.sql";
    const auto statements = statements_of(cluster.log_file());
    EXPECT_EQ(test::read_file(golden), statements) << "if that is right:\n" << statements;
}

}  // namespace
}  // namespace events::reporter
