// deploy/postgres/reader.sql and the script that runs it in Compose: what the role may, and not.
#include "support/reader_role.hpp"

#include "common/postgres/migrations.hpp"
#include "support/environment.hpp"
#include "support/postgres_cluster.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include <fstream>

namespace events::postgres {
namespace {

using test::make_reader;

void migrate_all(const std::string& url) {
    Connection connection{{.url = config::Secret{url}, .application_name = "reader-test"}, {}};
    migrate(connection, embedded_migrations(), {"reader-test", {.level = logging::Level::fatal}});
}

class ReaderRole : public ::testing::Test {
  protected:
    ~ReaderRole() override {
        // Roles are the cluster's: the next test makes its own.
        for (const auto* role : {"events_reader", "daemon"}) {
            if (query(fmt::format("SELECT count(*) FROM pg_roles WHERE rolname = '{}'", role)) ==
                "1") {
                query(fmt::format("REASSIGN OWNED BY {0} TO postgres", role));
                query(fmt::format("DROP OWNED BY {0}", role));
                query(fmt::format("DROP ROLE {0}", role));
            }
        }
    }

    std::string query(const std::string& sql) const { return test::query(url_, sql); }
    [[nodiscard]] std::string as_reader(const std::string& sql) const {
        return test::query(test::as_role(url_, "events_reader"), sql);
    }

    void expect_figures_readable() const {
        EXPECT_EQ(as_reader("SELECT count(*) FROM hourly_events"), "0");
    }

    void expect_forbidden(const std::string& sql) const {
        // Read-only is a default that the role can change: rights are what must hold.
        EXPECT_THROW(static_cast<void>(as_reader("BEGIN READ WRITE; " + sql)),
                     pqxx::insufficient_privilege)
            << sql;
    }

    std::string url_ = test::postgres_cluster().make_database();
};

TEST_F(ReaderRole, ReadsTheFiguresWhicheverComesFirst) {
    make_reader(url_);
    migrate_all(url_);
    expect_figures_readable();
}

TEST_F(ReaderRole, ReadsTheFiguresOfAnExistingDatabase) {
    migrate_all(url_);
    make_reader(url_);
    expect_figures_readable();
}

TEST_F(ReaderRole, SeesNoRowAndChangesNothing) {
    migrate_all(url_);
    make_reader(url_, {{"own_database", "on"}});
    expect_figures_readable();
    for (const auto* sql : {
             "SELECT count(*) FROM public.facebook_events",
             "SELECT count(*) FROM events.segments",
             "SELECT count(*) FROM events.segment_blobs",
             "SELECT count(*) FROM events.event_changes",
             "SELECT count(*) FROM events.partition_states",
             "SELECT events.rebuild_day('facebook', '2026-03-01')",
             "SELECT events.add_partition('facebook', 'x', '2026-03-01Z', '2026-03-02Z')",
             "UPDATE public.tiktok_events SET country = NULL",
             "DELETE FROM public.facebook_events",
             "CREATE VIEW events.mine AS SELECT 1",
             "CREATE TABLE public.mine (n int)",
             "CREATE TEMPORARY TABLE mine (n int)",
             "CREATE SCHEMA mine",
             "COPY (SELECT 1) TO PROGRAM 'true'",
             "SELECT pg_read_file('/etc/hostname')",
         }) {
        expect_forbidden(sql);
    }
    // Without a word about writing a transaction does not write.
    EXPECT_THROW(static_cast<void>(as_reader("CREATE TABLE events.mine (n int)")), pqxx::sql_error);
    // Nothing outside of this schema and the system's own, now or by what PUBLIC has.
    EXPECT_EQ(query("SELECT string_agg(nspname, ',') FROM pg_namespace WHERE nspname NOT IN "
                    "('pg_catalog', 'information_schema') AND "
                    "has_schema_privilege('events_reader', oid, 'USAGE')"),
              "events");
    const auto relations_with = [&](const std::string& privileges) {
        return query(
            "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class "
            "JOIN pg_namespace ON pg_namespace.oid = relnamespace "
            "WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND nspname IN "
            "('public', 'events') AND has_table_privilege('events_reader', pg_class.oid, '" +
            privileges + "')");
    };
    EXPECT_EQ(relations_with("SELECT"), "event_types hourly_events sources");
    EXPECT_EQ(relations_with("INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"), "");
}

TEST_F(ReaderRole, HasALimitOfTimeAndOfConnectionsAndOnlyReads) {
    make_reader(url_);
    EXPECT_EQ(as_reader("SHOW statement_timeout"), "30s");
    EXPECT_EQ(as_reader("SHOW default_transaction_read_only"), "on");
    EXPECT_EQ(query("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'events_reader'"), "20");
    EXPECT_EQ(query("SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR "
                    "rolbypassrls FROM pg_roles WHERE rolname = 'events_reader'"),
              "f");
}

TEST_F(ReaderRole, KeepsItsPasswordUnlessThereIsAnother) {
    const auto secret = [this] {
        return query("SELECT rolpassword FROM pg_authid WHERE rolname = 'events_reader'");
    };
    make_reader(url_);
    EXPECT_EQ(secret(), "");
    make_reader(url_, {}, {{"EVENTS_READER_PASSWORD", "it's \\ secret"}});
    const auto first = secret();
    EXPECT_TRUE(first.starts_with("SCRAM-SHA-256$"));
    make_reader(url_);
    EXPECT_EQ(secret(), first);
    make_reader(url_, {{"password", "another"}});
    EXPECT_NE(secret(), first);
}

TEST_F(ReaderRole, WorksWhereTheDaemonsRoleOwnsNeitherTheDatabaseNorTheSchema) {
    query("CREATE ROLE daemon LOGIN");
    query("GRANT CREATE ON SCHEMA public TO daemon");
    const auto as_daemon = test::as_role(url_, "daemon");
    EXPECT_THROW(migrate_all(as_daemon), Unavailable) << "it can't make a schema: it waits";
    make_reader(url_, {{"owner", "daemon"}});
    migrate_all(as_daemon);
    expect_figures_readable();
    EXPECT_EQ(query("SELECT viewowner FROM pg_views WHERE viewname = 'hourly_events'"), "daemon");
}

TEST_F(ReaderRole, IsMadeByTheImagesInitScriptRunOrSourced) {
    const test::TemporaryDirectory folder;
    const auto password = folder.path() / "password";
    std::ofstream{password} << "from-a-file\n";
    const auto script = test::source_directory() / "deploy" / "postgres" / "init" / "10-reader.sh";
    const auto name = query("SELECT current_database()");
    const std::map<std::string, std::string> environment{
        {"PGHOST", "127.0.0.1"},
        {"PGPORT", std::to_string(test::postgres_cluster().port())},
        {"POSTGRES_USER", "postgres"},
        {"POSTGRES_DB", name},
        {"READER_SQL", test::source_directory() / "deploy" / "postgres" / "reader.sql"},
        {"EVENTS_READER_PASSWORD_FILE", password}};
    // The image runs it where it is executable and sources it, with these options, where not.
    for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
             {script}, {"bash", "-c", "set -Eeo pipefail; . \"$0\"", script}}) {
        const auto output = folder.path() / "output";
        const auto status = test::run(
            {.command = command, .environment = environment, .output = output, .user = {}});
        EXPECT_EQ(status.code, 0) << test::read_file(output);
    }
    EXPECT_TRUE(query("SELECT rolpassword FROM pg_authid WHERE rolname = 'events_reader'")
                    .starts_with("SCRAM-SHA-256$"));
    migrate_all(url_);
    expect_figures_readable();
}

}  // namespace
}  // namespace events::postgres
