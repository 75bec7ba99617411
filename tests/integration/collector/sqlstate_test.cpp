// What a collector makes of the database's errors.
#include "recovery_fixture.hpp"

#include <ostream>

namespace events::collector {
namespace {

struct Refusal {
    const char* name;
    const char* sqlstate;
    friend std::ostream& operator<<(std::ostream& out, const Refusal& refusal) {
        return out << refusal.sqlstate;
    }
};

class SqlstateTest : public RecoveryTest, public ::testing::WithParamInterface<Refusal> {};

using RetriedSqlstate = SqlstateTest;
using RefusedSqlstate = SqlstateTest;

TEST_P(RetriedSqlstate, KeepsTheBatchForAsLongAsItTakes) {
    ack_wait_ = 1h;
    refuse_rows_where("true", GetParam().sqlstate);
    start();
    send({event("fb-1"), event("fb-2")});
    ASSERT_TRUE(await([&] { return refusals() >= 3; }));
    EXPECT_FALSE(database_health_.is_up());
    EXPECT_EQ(rows(), "0");

    (void)test::query(database_, "DROP TRIGGER refuse ON facebook_events");
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "2");
    EXPECT_EQ(dead_letters(), 0U);
    EXPECT_EQ(metric(kDuplicates), 0);
    EXPECT_TRUE(database_health_.is_up());
}

INSTANTIATE_TEST_SUITE_P(
    Database, RetriedSqlstate,
    ::testing::Values(Refusal{"ConnectionFailure", "08006"}, Refusal{"Serialisation", "40001"},
                      Refusal{"Deadlock", "40P01"}, Refusal{"DiskFull", "53100"},
                      Refusal{"OutOfMemory", "53200"}, Refusal{"TooManyConnections", "53300"},
                      Refusal{"AdminShutdown", "57P01"}, Refusal{"CrashShutdown", "57P02"},
                      Refusal{"IoError", "58030"}),
    [](const auto& test) { return test.param.name; });

TEST_P(RefusedSqlstate, SplitsDownToTheCulpritAndStoresTheRest) {
    refuse_rows_where("new.event_id = 'culprit'", GetParam().sqlstate);
    start();
    send({event("fb-1"), event("fb-2"), event("culprit"), event("fb-3")});
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "3");
    EXPECT_EQ(dead_letters(), 1U);
    EXPECT_EQ(metric(R"(dead_letter_events_total{reason="refused_by_database",source="facebook"})"),
              1);
}

INSTANTIATE_TEST_SUITE_P(Database, RefusedSqlstate,
                         ::testing::Values(Refusal{"OutOfRange", "22003"},
                                           Refusal{"BadText", "22021"}, Refusal{"NotNull", "23502"},
                                           Refusal{"Unique", "23505"}, Refusal{"Check", "23514"}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace events::collector
