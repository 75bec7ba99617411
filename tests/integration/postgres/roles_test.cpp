// deploy/postgres/roles.sql: what each role may, and not. The daemons under them: tests/e2e.
#include "common/postgres/error.hpp"
#include "common/postgres/migrations.hpp"
#include "support/postgres_cluster.hpp"
#include "support/reader_role.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace events::postgres {
namespace {

using test::make_roles;
using ::testing::HasSubstr;

constexpr auto kAddPartition =
    "SELECT events.add_partition('facebook', 'facebook_events_p20260301', '2026-03-01Z', "
    "'2026-03-02Z')";
constexpr auto kInsert =
    "INSERT INTO facebook_events (event_id, occurred_at, received_at, funnel_stage, event_type, "
    "user_id, name, age, gender, country, city, purchase_amount) VALUES ('fb-1', "
    "'2026-03-01 12:00Z', now(), 'bottom', 'checkout.complete', 'u', 'n', 30, 'female', 'DE', "
    "'Berlin', 12.50) ON CONFLICT (occurred_at, event_id) DO NOTHING";

class Roles : public ::testing::Test {
  protected:
    ~Roles() override {
        // Roles are the cluster's: the next test makes its own.
        for (const auto* role : {"events_owner", "events_writer", "events_reporter",
                                 "events_eraser", "events", "events_reader"}) {
            if (query(fmt::format("SELECT count(*) FROM pg_roles WHERE rolname = '{}'", role)) ==
                "1") {
                query(fmt::format("REASSIGN OWNED BY {0} TO postgres", role));
                query(fmt::format("DROP OWNED BY {0}", role));
                query(fmt::format("DROP ROLE {0}", role));
            }
        }
    }

    std::string query(const std::string& sql) const { return test::query(url_, sql); }
    [[nodiscard]] std::string as(const std::string& role, const std::string& sql) const {
        return test::query(test::as_role(url_, role), sql);
    }
    void migrate_as(const std::string& role) const {
        Connection connection{
            {.url = config::Secret{test::as_role(url_, role)}, .application_name = "roles-test"},
            {}};
        migrate(connection, embedded_migrations(),
                {"roles-test", {.level = logging::Level::fatal}});
    }
    [[nodiscard]] std::string pending_for(const std::string& role) const {
        try {
            migrate_as(role);
        } catch (const MigrationPending& pending) {
            return pending.what();
        }
        return "";
    }
    void expect_forbidden(const std::string& role, const std::string& sql) const {
        EXPECT_THROW(static_cast<void>(as(role, sql)), pqxx::insufficient_privilege)
            << role << ": " << sql;
    }

    void expect_rights() const {
        EXPECT_NO_THROW(as("events_writer", kAddPartition));
        EXPECT_NO_THROW(as("events_writer", kInsert));
        EXPECT_NO_THROW(as("events_writer", kInsert));
        EXPECT_NO_THROW(as("events_writer", "CREATE TEMPORARY TABLE batch (LIKE tiktok_events)"));
        // A collector's: rows by their partition's name, and what it keeps of segments.
        EXPECT_NO_THROW(as("events_writer",
                           "SET events.counted = on; INSERT INTO facebook_events_p20260301 "
                           "SELECT 'fb-2', occurred_at, received_at, funnel_stage, event_type, "
                           "user_id, name, age, gender, country, city FROM facebook_events"));
        for (const auto* table : {"segments", "segment_blobs", "built_partitions",
                                  "partition_marks", "event_changes", "retained_from"}) {
            EXPECT_NO_THROW(as("events_writer", fmt::format("DELETE FROM events.{}", table)));
            EXPECT_EQ(as("events_reporter", fmt::format("SELECT count(*) FROM events.{}", table)),
                      "0");
            expect_forbidden("events_reporter", fmt::format("DELETE FROM events.{}", table));
        }
        // The ledger of erased persons is the eraser's, who can't change what is in it.
        EXPECT_EQ(as("events_writer", "SELECT version FROM events.erasure_list"), "0");
        EXPECT_EQ(as("events_writer", "SELECT count(*) FROM events.erased_users"), "0");
        for (const auto* role : {"events_writer", "events_reporter"}) {
            expect_forbidden(role, "SELECT count(*) FROM events.erasures");
            expect_forbidden(role, "DELETE FROM events.erasures");
            expect_forbidden(role, "UPDATE events.erasure_list SET version = 7");
        }
        EXPECT_EQ(as("events_eraser", "SELECT count(*) FROM events.erasures"), "0");
        EXPECT_NO_THROW(as("events_eraser", "UPDATE events.erasures SET rows = rows + 1"));
        expect_forbidden("events_eraser", "UPDATE events.erasures SET erased_at = now()");
        expect_forbidden("events_eraser", "DELETE FROM events.erasures");
        expect_forbidden("events_eraser", kInsert);
        EXPECT_NO_THROW(as("events_writer", "SELECT nextval('events.segment_blob_ids')"));
        EXPECT_NO_THROW(as("events_writer",
                           "SELECT events.watch_partition('facebook', "
                           "'facebook_events_p20260301')"));
        EXPECT_EQ(as("events_writer", "SELECT events.rebuild_day('facebook', '2026-03-01')"), "1");
        EXPECT_EQ(
            as("events_reporter", "SELECT count(*) FROM events.partition_states WHERE is_built"),
            "0");
        EXPECT_EQ(as("events_reporter", "SELECT sum(events) FROM events.hourly_events"), "2");
        EXPECT_EQ(as("events_reporter", "SELECT count(*) FROM facebook_events"), "2");
        EXPECT_EQ(as("events_reporter", "SELECT count(*) FROM facebook_events_p20260301"), "2")
            << "of a day that came later, too";
        for (const auto* role : {"events_writer", "events_reporter"}) {
            expect_forbidden(role, "DROP TABLE facebook_events");
            expect_forbidden(role, "ALTER TABLE facebook_events ADD tenant int");
            expect_forbidden(role, "TRUNCATE facebook_events");
            expect_forbidden(role, "CREATE TABLE public.mine (n int)");
            expect_forbidden(role, "CREATE SCHEMA mine");
            expect_forbidden(role, "CREATE TABLE events.mine (n int)");
            expect_forbidden(role, "SELECT pg_read_file('/etc/hostname')");
        }
        expect_forbidden("events_reporter", kInsert);
        expect_forbidden("events_reporter", "DELETE FROM facebook_events");
        expect_forbidden("events_reporter", kAddPartition);
        expect_retention();
        EXPECT_EQ(query("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'events\\_%' AND "
                        "(rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR "
                        "rolbypassrls)"),
                  "0");
    }

    /// A collector drops what is older than what is kept, and nothing else.
    void expect_retention() const {
        const std::string drop =
            "SELECT events FROM events.drop_partition('facebook', "
            "'facebook_events_p20260301'::regclass::oid)";
        expect_forbidden("events_writer", "DROP TABLE facebook_events_p20260301");
        EXPECT_EQ(as("events_writer", drop), "") << "it is kept";
        EXPECT_NO_THROW(as("events_writer", "SELECT events.retain_from('facebook', '2026-03-02')"));
        expect_forbidden("events_reporter", "SELECT events.retain_from('facebook', '2026-03-03')");
        expect_forbidden("events_reporter", drop);
        const auto owner =
            query("SELECT relowner::regrole FROM pg_class WHERE oid = 'facebook_events'::regclass");
        query("CREATE ROLE stranger; ALTER TABLE facebook_events_p20260301 OWNER TO stranger");
        expect_forbidden("events_writer", drop);
        query("ALTER TABLE facebook_events_p20260301 OWNER TO " + owner + "; DROP ROLE stranger");
        EXPECT_EQ(as("events_writer", drop), "2");
        EXPECT_EQ(query("SELECT to_regclass('facebook_events_p20260301') IS NULL"), "t");
    }

    std::string url_ = test::postgres_cluster().make_database();
};

TEST_F(Roles, HaveTheirRightsOnTablesThatAreMadeLater) {
    make_roles(url_);
    migrate_as("events_owner");
    expect_rights();
}

TEST_F(Roles, HaveTheirRightsOnAnExistingDatabase) {
    make_roles(url_);
    migrate_as("events_owner");
    query("ALTER DEFAULT PRIVILEGES FOR ROLE events_owner REVOKE ALL ON TABLES FROM events_writer");
    query("REVOKE ALL ON ALL TABLES IN SCHEMA public, events FROM events_writer, events_reporter");
    query("REVOKE ALL ON ALL SEQUENCES IN SCHEMA events FROM events_writer");
    query("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA events FROM events_writer");
    make_roles(url_, {{"own_database", "on"}});
    make_roles(url_, {{"own_database", "on"}});
    expect_rights();
}

TEST_F(Roles, LeaveOthersTablesAlone) {
    query("CREATE TABLE others (n int)");
    make_roles(url_);
    migrate_as("events_owner");
    expect_forbidden("events_writer", "SELECT count(*) FROM others");
    expect_forbidden("events_reporter", "SELECT count(*) FROM others");
}

TEST_F(Roles, TakeTheNamesThatTheyAreGivenAndAnOwnerThatIsThere) {
    query("CREATE ROLE events LOGIN; GRANT CREATE, USAGE ON SCHEMA public TO events");
    query("CREATE SCHEMA events AUTHORIZATION events");
    migrate_as("events");
    make_roles(url_, {{"owner", "events"}});
    expect_rights();
}

TEST_F(Roles, KeepTheirPasswordsUnlessThereAreOthers) {
    const auto secret = [this](const std::string& role) {
        return query("SELECT rolpassword FROM pg_authid WHERE rolname = '" + role + "'");
    };
    make_roles(url_, {}, {{"EVENTS_WRITER_PASSWORD", "it's \\ secret"}});
    const auto first = secret("events_writer");
    EXPECT_TRUE(first.starts_with("SCRAM-SHA-256$"));
    EXPECT_EQ(secret("events_owner"), "");
    make_roles(url_);
    EXPECT_EQ(secret("events_writer"), first);
}

// A reporter whose role may only read was never ready, unless the role was set read-only as well.
TEST_F(Roles, WaitForTheMigrationsThatTheyMayNotApplyAndNeedNoneThatIsThere) {
    make_roles(url_);
    for (const auto* role : {"events_writer", "events_reporter"}) {
        EXPECT_THAT(pending_for(role), HasSubstr("--migrate")) << role;
    }
    EXPECT_EQ(query("SELECT to_regclass('events.events_migrations') IS NULL"), "t");
    migrate_as("events_owner");
    for (const auto* role : {"events_writer", "events_reporter"}) {
        EXPECT_EQ(pending_for(role), "") << role;
    }
    query("DELETE FROM events.events_migrations");
    for (const auto* role : {"events_writer", "events_reporter"}) {
        EXPECT_THAT(pending_for(role), HasSubstr("belongs to events_owner")) << role;
    }
}

TEST_F(Roles, MayOnlyAddPartitionsToTablesOfEvents) {
    make_roles(url_);
    migrate_as("events_owner");
    query("CREATE TABLE others (n int)");
    expect_forbidden("events_writer", "SELECT events.watch_partition('facebook', 'others')");
    EXPECT_THROW(as("events_writer",
                    "SELECT events.add_partition('others', 'x', '2026-03-01Z', '2026-03-02Z')"),
                 pqxx::sql_error);
    // What stands before the system's catalogue in a session's search path.
    EXPECT_NO_THROW(as("events_writer",
                       std::string{"CREATE TEMPORARY TABLE pg_class (oid oid); "} + kAddPartition));
}

}  // namespace
}  // namespace events::postgres
