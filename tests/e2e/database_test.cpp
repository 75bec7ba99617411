// The suite on databases as operators set them up: a long migration, a pooler between, roles with
// few rights.
#include "common/postgres/migrations.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/pgbouncer.hpp"
#include "support/ports.hpp"
#include "support/reader_role.hpp"
#include "support/sample_events.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pqxx/pqxx>

namespace events::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SuiteOnItsDatabase : public ::testing::Test {
  protected:
    std::string query(const std::string& sql) const { return test::query(stack_.database(), sql); }

    [[nodiscard]] bool await_readiness(const std::string& daemon, const std::string& part) {
        return await([&] { return says(daemon, part); });
    }
    [[nodiscard]] bool says(const std::string& daemon, const std::string& part) {
        return accepts_connections(stack_.port(daemon)) &&
               stack_.get(daemon, "/readiness").body.find(part) != std::string::npos;
    }
    [[nodiscard]] bool await_ready(const std::string& daemon) {
        return await([&] { return stack_.is_ready(daemon); });
    }
    [[nodiscard]] std::string log_of(const std::string& daemon) const {
        return read_file(stack_.log_file(daemon));
    }

    [[nodiscard]] std::size_t progress_lines(const std::string& daemon) const {
        std::size_t lines = 0;
        for (const auto& line : stack_.log(daemon)) {
            if (line.value("msg", "") == "the migration goes on") ++lines;
        }
        return lines;
    }

    /// New events of both sources, of two users, one of them twice, through the suite into a
    /// report.
    void expect_events_arrive() {
        const auto body = fmt::format("[{0},{1},{1},{2}]", facebook_bottom("fb-1"),
                                      facebook_top("fb-2"), tiktok_bottom("ttk-1"));
        EXPECT_EQ(stack_.post(body).status, 201U);
        EXPECT_EQ(stack_.post(body).status, 201U) << "all of them twice";
        EXPECT_TRUE(stack_.await_rows(3));
        EXPECT_EQ(stack_.report("/reports/events").at("count"), 3);
        EXPECT_EQ(stack_.report("/reports/demographics").at("userCount"), 2);
    }

    Stack stack_;
};

/// Makes each migration of this empty database wait until it is opened.
class Gate {
  public:
    explicit Gate(const std::string& url) : url_{url}, holder_{url} {
        // As the daemons make it.
        test::query(
            url,
            "CREATE SCHEMA events;"
            "CREATE TABLE events.events_migrations (number integer PRIMARY KEY, name text NOT "
            "NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());"
            "CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN PERFORM pg_advisory_xact_lock(42); RETURN new; END';"
            "CREATE TRIGGER wait BEFORE INSERT ON events.events_migrations FOR EACH ROW "
            "EXECUTE FUNCTION wait_at_gate()");
        transaction_.exec("SELECT pg_advisory_xact_lock(42)");
    }
    [[nodiscard]] std::string waiting() const {
        return test::query(url_,
                           "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND "
                           "NOT granted AND objid = 42");
    }
    void open() { transaction_.abort(); }

  private:
    std::string url_;
    pqxx::connection holder_;
    pqxx::work transaction_{holder_};
};

// A collector cut its own migration after 40 s, began anew, and left a backend behind each time.
TEST_F(SuiteOnItsDatabase, WaitsForAMigrationThatIsSlowerThanEveryLimit) {
    Gate gate{stack_.database()};
    const Variables limits{{"DATABASE_STATEMENT_TIMEOUT_MS", "1000"}};  // a connection's: 11 s
    stack_.start("fb-collector", limits, false);
    ASSERT_TRUE(await_readiness("fb-collector", "migrating: 0")) << log_of("fb-collector");
    stack_.start("ttk-collector", limits, false);
    stack_.start("reporter", limits, false);
    for (const auto* daemon : {"ttk-collector", "reporter"}) {
        EXPECT_TRUE(await_readiness(daemon, "waits for the migration of fb-collector"));
        EXPECT_TRUE(await([&] {
            return log_of(daemon).find("waits for another daemon's migration") != std::string::npos;
        })) << log_of(daemon);
    }
    // Each ten seconds.
    EXPECT_TRUE(await([&] { return progress_lines("fb-collector") >= 2; }))
        << log_of("fb-collector");
    EXPECT_EQ(gate.waiting(), "1") << "one backend, which was never left behind";
    EXPECT_FALSE(stack_.is_ready("fb-collector"));

    // A stop ends it in the database too, and the next one begins.
    EXPECT_EQ(stack_.stop("fb-collector").code, 0) << log_of("fb-collector");
    EXPECT_TRUE(await(
        [&] { return says("ttk-collector", "migrating: 0") || says("reporter", "migrating: 0"); }));
    EXPECT_TRUE(await([&] { return gate.waiting() == "1"; })) << "it is at its end by itself";
    gate.open();
    EXPECT_TRUE(await_ready("ttk-collector")) << log_of("ttk-collector");
    EXPECT_TRUE(await_ready("reporter")) << log_of("reporter");
    stack_.start("fb-collector", limits);
    EXPECT_EQ(query("SELECT count(*) FROM events.events_migrations"),
              std::to_string(postgres::embedded_migrations().size()));
}

// Its backend went on, and held the lock, for as long as the migration took.
TEST_F(SuiteOnItsDatabase, TakesOverTheMigrationOfADaemonThatDied) {
    Gate gate{stack_.database()};
    stack_.start("fb-collector", {}, false);
    ASSERT_TRUE(await([&] { return gate.waiting() == "1"; })) << log_of("fb-collector");
    stack_.kill("fb-collector");
    stack_.start("ttk-collector", {}, false);
    EXPECT_TRUE(await_readiness("ttk-collector", "migrating: 0")) << log_of("ttk-collector");
    EXPECT_TRUE(await([&] { return gate.waiting() == "1"; })) << "it is at its end by itself";
    gate.open();
    EXPECT_TRUE(await_ready("ttk-collector")) << log_of("ttk-collector");
}

TEST_F(SuiteOnItsDatabase, WorksBehindPgbouncerInSessionMode) {
    const PgBouncer pooler{postgres_cluster().port(), "session"};
    const Variables between{{"DATABASE_URL", pooler.through(stack_.database())}};
    stack_.start("gateway");
    for (const auto* daemon : {"fb-collector", "ttk-collector", "reporter"}) {
        stack_.start(daemon, between);
    }
    expect_events_arrive();
    for (const auto* daemon : {"fb-collector", "ttk-collector", "reporter"}) {
        EXPECT_EQ(stack_.stop(daemon).code, 0) << log_of(daemon);
    }
}

class BehindPgbouncer : public SuiteOnItsDatabase,
                        public ::testing::WithParamInterface<const char*> {};

// A start took a session's lock in one transaction and gave it back in another, of another session:
// every later start hung on it without a word.
TEST_P(BehindPgbouncer, IsRefusedWithoutSessionMode) {
    const PgBouncer pooler{postgres_cluster().port(), GetParam()};
    const Variables between{{"DATABASE_URL", pooler.through(stack_.database())}};
    for (const auto* daemon : {"fb-collector", "reporter", "ttk-collector"}) {
        stack_.launch(daemon, between);
        EXPECT_EQ(stack_.wait_end(daemon).code, 1);
        EXPECT_THAT(log_of(daemon), HasSubstr("session mode is needed"));
    }
    EXPECT_EQ(query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
                    "(SELECT oid FROM pg_database WHERE datname = current_database())"),
              "0");
    // Nothing that they did is in the way of what connects properly.
    stack_.start("fb-collector");
    stack_.start("reporter");
}

INSTANTIATE_TEST_SUITE_P(Modes, BehindPgbouncer, ::testing::Values("transaction", "statement"),
                         [](const auto& tested) { return std::string{tested.param}; });

class SuiteWithRoles : public SuiteOnItsDatabase {
  protected:
    [[nodiscard]] Variables as(const std::string& role) const {
        return {{"DATABASE_URL", as_role(stack_.database(), role)}};
    }
    /// `reporter --migrate` with the owner's URL.
    void migrate_as_owner() {
        const TemporaryDirectory folder;
        const auto output = folder.path() / "output";
        const auto status = run({.command = {(bin_directory() / "reporter").string(), "--migrate"},
                                 .environment = as("events_owner"),
                                 .output = output,
                                 .user = {}});
        EXPECT_EQ(status.code, 0) << read_file(output);
    }
};

TEST_F(SuiteWithRoles, RunsWithTheRightsOfRolesSqlAndNoSuperuser) {
    make_roles(stack_.database(), {{"own_database", "on"}});
    stack_.start("gateway");
    stack_.start("fb-collector", as("events_writer"), false);
    stack_.start("reporter", as("events_reporter"), false);
    for (const auto* daemon : {"fb-collector", "reporter"}) {
        EXPECT_TRUE(await_readiness(daemon, "run with --migrate")) << log_of(daemon);
    }
    migrate_as_owner();
    EXPECT_TRUE(await_ready("fb-collector")) << log_of("fb-collector");
    EXPECT_TRUE(await_ready("reporter")) << log_of("reporter");
    stack_.start("ttk-collector", as("events_writer"));
    migrate_as_owner();  // nothing is missing

    expect_events_arrive();
    // The keeper's work, in the same roles: changes become segments, a marked partition is built.
    query("DELETE FROM facebook_events WHERE event_id = 'fb-2'");
    query("SELECT events.rebuild_day('tiktok', '2026-03-01')");
    EXPECT_TRUE(await([&] {
        return query("SELECT count(*) FROM events.event_changes") == "0" &&
               query("SELECT count(*) FROM events.partition_marks") == "0";
    })) << log_of("fb-collector")
        << log_of("ttk-collector");
    EXPECT_EQ(stack_.report("/reports/events").at("count"), 2);
    query("SELECT events.retain_from('tiktok', '2026-03-02')");
    EXPECT_TRUE(await([&] {
        return query("SELECT to_regclass('tiktok_events_p20260301') IS NULL") == "t";
    })) << log_of("ttk-collector");
    for (const auto* daemon : {"fb-collector", "ttk-collector", "reporter"}) {
        EXPECT_EQ(stack_.stop(daemon).code, 0);
    }
    EXPECT_EQ(query("SELECT count(*) FROM pg_roles WHERE rolsuper AND rolname LIKE 'events%'"),
              "0");
}

}  // namespace
}  // namespace events::test
