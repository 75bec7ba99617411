// Every way to write to the tables: segments and changes say what a recount of the rows says.
#include "events_database.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace events::postgres {
namespace {

using test::insert_event;
using test::TwoDays;

constexpr auto kColumns =
    "(event_id, occurred_at, received_at, funnel_stage, event_type, user_id, name, age, gender, "
    "country, city, purchase_amount)";

struct Statement {
    const char* name;
    std::string sql;
    const char* built = "first second";

    friend void PrintTo(const Statement& statement, std::ostream* out) { *out << statement.name; }
};

class Statements : public ::testing::TestWithParam<Statement> {
  protected:
    /// Nothing of a statement stays: all use one database.
    [[nodiscard]] static std::string outcome_of(const std::string& sql) {
        static const TwoDays days;
        return days.outcome_of(sql);
    }
};

TEST_P(Statements, AreNoticed) {
    EXPECT_EQ(outcome_of(GetParam().sql), fmt::format(";{}", GetParam().built));
}

// Logical replication and tools that load data switch ordinary triggers off.
TEST_P(Statements, AreNoticedWithTheRoleOfAReplica) {
    EXPECT_EQ(outcome_of("SET LOCAL session_replication_role = replica; " + GetParam().sql),
              fmt::format(";{}", GetParam().built));
}

TEST_P(Statements, AreNoticedOfAPartitionThatIsDetachedMeanwhile) {
    constexpr auto kDetach = "ALTER TABLE facebook_events DETACH PARTITION first; ";
    EXPECT_EQ(outcome_of(kDetach), ";second");
    if (GetParam().sql.find(" first") == std::string::npos) return;
    EXPECT_EQ(outcome_of(kDetach + GetParam().sql +
                         "; ALTER TABLE facebook_events ATTACH PARTITION first "
                         "FOR VALUES FROM ('2026-03-01Z') TO ('2026-03-02Z')"),
              fmt::format(";{}", GetParam().built));
}

std::string copy_into(const std::string& table) {
    return fmt::format(
        "COPY {} {} FROM PROGRAM $$printf 'new\\t2026-03-01 07:00Z\\t2026-03-01 07:00Z\\tbottom\\t"
        "checkout.complete\\tu\\tn\\t30\\tmale\\tFR\\tNice\\t3.25\\n'$$",
        table, kColumns);
}

INSTANTIATE_TEST_SUITE_P(
    Sql, Statements,
    ::testing::Values(
        Statement{"Insert", insert_event("facebook_events", "new", "2026-03-02 12:30Z")},
        Statement{"InsertOfBothDays",
                  insert_event("facebook_events", "new", "2026-03-01 12:30Z") +
                      ", ('other', '2026-03-02 09:00Z', now(), 'top', 'ad.view', 'u', 'n', 3, "
                      "'male', 'FR', 'Nice', NULL)"},
        Statement{"InsertOfNothing",
                  insert_event("facebook_events", "change-1", "2026-03-01 13:00Z") +
                      " ON CONFLICT DO NOTHING"},
        Statement{"InsertOrUpdate",
                  insert_event("facebook_events", "segment-1", "2026-03-01 12:00Z") +
                      ", ('other', '2026-03-02 09:00Z', now(), 'top', 'ad.view', 'u', 'n', 3, "
                      "'male', 'FR', 'Nice', NULL) ON CONFLICT (occurred_at, event_id) DO UPDATE "
                      "SET purchase_amount = 99"},
        Statement{"InsertByName", insert_event("first", "new", "2026-03-01 12:30Z"), "second"},
        Statement{"InsertOrUpdateByName",
                  insert_event("first", "segment-1", "2026-03-01 12:00Z") +
                      " ON CONFLICT (occurred_at, event_id) DO UPDATE SET purchase_amount = 99",
                  "second"},
        Statement{"Copy", copy_into("facebook_events")},
        Statement{"CopyByName", copy_into("first"), "second"},
        Statement{"Update", "UPDATE facebook_events SET purchase_amount = 7"},
        Statement{"UpdateOfTheType",
                  "UPDATE facebook_events SET event_type = 'ad.click' WHERE event_id LIKE '%-1'"},
        Statement{"UpdateByName", "UPDATE first SET purchase_amount = purchase_amount + 1"},
        Statement{"UpdateThatMovesARow",
                  "UPDATE facebook_events SET occurred_at = '2026-03-02 01:00Z' "
                  "WHERE event_id = 'segment-1'"},
        Statement{"UpdateThatMovesAllRows",
                  "UPDATE facebook_events SET occurred_at = occurred_at + interval '11 hours'"
                  " WHERE occurred_at < '2026-03-02Z'"},
        Statement{"UpdateWithinAnHour",
                  "UPDATE facebook_events SET occurred_at = occurred_at + interval '1 minute'"},
        Statement{"Delete", "DELETE FROM facebook_events"},
        Statement{"DeleteOfOneRow", "DELETE FROM facebook_events WHERE event_id = 'change-2'"},
        Statement{"DeleteByName", "DELETE FROM first"},
        Statement{"DeleteByNameOfAChange", "DELETE FROM first WHERE event_id = 'change-1'"},
        Statement{"Merge",
                  fmt::format("MERGE INTO facebook_events USING (VALUES ('segment-1'), ('change-2')"
                              ", ('new')) AS given (id) ON event_id = id "
                              "WHEN MATCHED AND id = 'change-2' THEN DELETE "
                              "WHEN MATCHED THEN UPDATE SET purchase_amount = 5 "
                              "WHEN NOT MATCHED THEN INSERT {} VALUES (id, '2026-03-01 05:00Z', "
                              "now(), 'top', 'ad.view', 'u', 'n', 3, 'male', 'FR', 'Nice', NULL)",
                              kColumns)},
        Statement{"MergeByName",
                  "MERGE INTO first USING (VALUES ('segment-1')) AS given (id) ON event_id = id "
                  "WHEN MATCHED THEN UPDATE SET purchase_amount = 5"},
        Statement{"WithOfWrites",
                  "WITH moved AS (DELETE FROM facebook_events WHERE event_id = 'segment-1' "
                  "RETURNING *) UPDATE facebook_events SET purchase_amount = (SELECT "
                  "sum(purchase_amount) FROM moved) WHERE event_id = 'change-2'"},
        Statement{"ManyInOneTransaction",
                  insert_event("facebook_events", "new", "2026-03-02 12:30Z") +
                      "; UPDATE facebook_events SET purchase_amount = 3 WHERE event_id = 'new'; "
                      "DO $$ BEGIN DELETE FROM facebook_events; RAISE division_by_zero; "
                      "EXCEPTION WHEN division_by_zero THEN NULL; END $$; "
                      "DELETE FROM first WHERE event_id = 'segment-1'"},
        Statement{"Truncate", "TRUNCATE facebook_events", ""},
        Statement{"TruncateByName", "TRUNCATE first", "second"},
        Statement{"TruncateAndInsert",
                  "TRUNCATE first; " + insert_event("first", "new", "2026-03-01 12:30Z"),
                  "second"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace events::postgres
