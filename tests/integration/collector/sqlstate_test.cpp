// What a collector makes of the database's errors.
#include "recovery_fixture.hpp"

#include <gmock/gmock.h>

#include <ostream>

namespace events::collector {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

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

// A trigger's refusal went to the dead letters, whatever it was about.
TEST_P(RefusedSqlstate, OfSomebodysTriggerKeepsTheEventsUntilItIsMended) {
    refuse_rows_where("true", GetParam().sqlstate);
    start();
    send({event("fb-1"), event("fb-2")});
    const ::testing::Matcher<std::string> told =
        AllOf(HasSubstr("2026-03-01"), HasSubstr("as told"), HasSubstr(GetParam().sqlstate));
    EXPECT_TRUE(await([&] {
        return refusals() >= 3 && !database_health_.is_up() &&
               told.Matches(database_health_.reason());
    })) << database_health_.reason();
    EXPECT_EQ(rows(), "0");

    (void)test::query(database_, "DROP TRIGGER refuse ON facebook_events");
    EXPECT_TRUE(await([&] { return drained() && database_health_.is_up(); }));
    EXPECT_EQ(rows(), "2");
    EXPECT_EQ(dead_letters(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Database, RefusedSqlstate,
                         ::testing::Values(Refusal{"NotNull", "23502"}, Refusal{"Check", "23514"},
                                           Refusal{"Raised", "P0001"}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace events::collector
