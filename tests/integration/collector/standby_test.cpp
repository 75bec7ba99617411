// A commit that waits for a synchronous standby.
#include "common/postgres/standby.hpp"

#include "collector_fixture.hpp"

#include <gmock/gmock.h>

namespace events::collector {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class StandbyTest : public CollectorTest {
  protected:
    StandbyTest() { set_standby("nobody_here"); }
    ~StandbyTest() override { set_standby(""); }
    StandbyTest(const StandbyTest&) = delete;
    StandbyTest& operator=(const StandbyTest&) = delete;

    static void set_standby(const std::string& name) {
        (void)test::query(test::postgres_cluster().url("postgres"),
                          "ALTER SYSTEM SET synchronous_standby_names = '" + name + "'");
        (void)test::query(test::postgres_cluster().url("postgres"), "SELECT pg_reload_conf()");
    }
};

// The server waits for ever, and no timeout of ours ends that: readiness said 200.
TEST_F(StandbyTest, IsNamedAndOverWhenTheStandbyIsNotWaitedForAnyMore) {
    ASSERT_TRUE(await(
        [&] { return test::query(database_, "SHOW synchronous_standby_names") == "nobody_here"; }));
    start({.source = kFacebook,
           .look_why_slow = [this] { return postgres::awaited_standby(options()); },
           .slow_store = 500ms});
    send({event("fb-1")});
    ASSERT_TRUE(await([&] {
        return !database_health_.is_up() &&
               database_health_.reason().find("standby") != std::string::npos;
    }));
    EXPECT_THAT(
        database_health_.reason(),
        AllOf(HasSubstr("a commit waits for a synchronous standby"), HasSubstr("nobody_here")));
    EXPECT_FALSE(drained());
    set_standby("");
    EXPECT_TRUE(await([&] { return drained() && database_health_.is_up(); }));
    EXPECT_EQ(rows(), "1");
}

}  // namespace
}  // namespace events::collector
