// Going back to an older version: what an operator runs from deploy/postgres/undo.
#include "common/postgres/migrations.hpp"
#include "support/environment.hpp"
#include "support/postgres_cluster.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/null_sink.h>

#include <filesystem>
#include <sstream>

namespace events::postgres {
namespace {

using ::testing::HasSubstr;

/// Of the migration of that number.
std::string undo_of(const Migration& migration) {
    return test::read_file(test::source_directory() / "deploy/postgres/undo" / migration.name);
}

class UndoTest : public ::testing::TestWithParam<int> {
  protected:
    void migrate(const std::string& url, int count) const {
        Connection connection{{.url = config::Secret{url}, .application_name = "undo-test"}, {}};
        postgres::migrate(connection, embedded_migrations().first(static_cast<std::size_t>(count)),
                          log_);
    }

    static void add_events(const std::string& url, const std::string& id) {
        test::query(url,
                    "CREATE TABLE IF NOT EXISTS facebook_events_p20260301 PARTITION OF "
                    "facebook_events FOR VALUES FROM ('2026-03-01') TO ('2026-03-02')");
        test::query(url,
                    "INSERT INTO facebook_events (event_id, occurred_at, received_at, "
                    "funnel_stage, event_type, user_id, name, age, gender, country, city, "
                    "purchase_amount) VALUES ('" +
                        id +
                        "', '2026-03-01 12:00Z', now(), "
                        "'bottom', 'checkout.complete', 'u', 'n', 30, 'female', 'DE', 'Berlin', "
                        "12.50)");
    }

    /// Everything but the rows.
    [[nodiscard]] std::string schema_of(const std::string& url) {
        const auto output = folder_.path() / "schema";
        std::filesystem::remove(output);
        const auto status = test::run({.command = {"pg_dump", "--schema-only", "--dbname", url},
                                       .environment = {},
                                       .output = output,
                                       .user = std::nullopt});
        EXPECT_EQ(status.code, 0);
        std::istringstream text{test::read_file(output)};
        std::string schema;
        for (std::string line; std::getline(text, line);) {
            // Newer ones guard their output with a random word.
            if (!line.starts_with("\\")) schema += line + "\n";
        }
        return schema;
    }

    logging::Logger log_{
        "test",
        {},
        std::make_shared<spdlog::logger>("null", std::make_shared<spdlog::sinks::null_sink_mt>())};
    test::TemporaryDirectory folder_;
};

TEST_P(UndoTest, LeavesWhatTheVersionBeforeWouldHaveMade) {
    const auto last = embedded_migrations()[static_cast<std::size_t>(GetParam() - 1)];
    const auto older = test::postgres_cluster().make_database();
    migrate(older, GetParam() - 1);
    add_events(older, "before");

    const auto undone = test::postgres_cluster().make_database();
    migrate(undone, GetParam() - 1);
    add_events(undone, "before");
    migrate(undone, GetParam());
    add_events(undone, "after");
    const auto newer = schema_of(undone);
    ASSERT_FALSE(undo_of(last).empty()) << last.name;
    test::query(undone, undo_of(last));

    EXPECT_EQ(schema_of(undone), schema_of(older));
    EXPECT_EQ(test::query(undone, "SELECT max(number) FROM schema_migrations"),
              std::to_string(GetParam() - 1));
    EXPECT_EQ(test::query(undone,
                          "SELECT string_agg(event_id, ' ' ORDER BY event_id) "
                          "FROM facebook_events"),
              "after before");
    add_events(undone, "with the older version");
    migrate(undone, GetParam());
    EXPECT_EQ(schema_of(undone), newer);
}

TEST_P(UndoTest, IsRefusedWhereItIsNotTheLastMigration) {
    const auto migration = embedded_migrations()[static_cast<std::size_t>(GetParam() - 1)];
    const auto database = test::postgres_cluster().make_database();
    migrate(database, GetParam() - 1);
    try {
        test::query(database, undo_of(migration));
        ADD_FAILURE() << "it was done";
    } catch (const std::exception& error) {
        EXPECT_THAT(error.what(), HasSubstr("last migration is not"));
    }
}

// The first one has nothing before it.
INSTANTIATE_TEST_SUITE_P(Each, UndoTest,
                         ::testing::Range(2, static_cast<int>(embedded_migrations().size()) + 1),
                         [](const auto& number) {
                             return "Migration" + std::to_string(number.param);
                         });

TEST(Undo, ThereIsOneOfEachMigrationButTheFirst) {
    for (const auto& migration : embedded_migrations().subspan(1)) {
        EXPECT_NE(undo_of(migration), "") << migration.name;
    }
}

}  // namespace
}  // namespace events::postgres
