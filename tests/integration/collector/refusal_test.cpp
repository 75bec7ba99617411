// A database that works and refuses: what waits, what goes on, and what is said.
#include "recovery_fixture.hpp"
#include "support/log_lines.hpp"
#include "support/made_events.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <utility>

namespace events::collector {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string event_of(const std::string& id, const std::string& day) {
    return test::facebook_top(id, day + "T12:00:00Z");
}

class RefusalTest : public RecoveryTest {
  protected:
    [[nodiscard]] std::string stored() const {
        return test::query(database_,
                           "SELECT coalesce(string_agg(event_id, ' ' ORDER BY event_id), '') FROM "
                           "facebook_events");
    }
    /// One of the days can't have a partition.
    void spoil(const std::string& day) const {
        (void)test::query(database_, fmt::format("CREATE TABLE half PARTITION OF facebook_events "
                                                 "FOR VALUES FROM ('{0} 10:00Z') TO ('{0} 14:00Z');"
                                                 "ALTER TABLE half ADD CONSTRAINT closed CHECK "
                                                 "(age < 0)",
                                                 day));
    }
    void mend() const { (void)test::query(database_, "ALTER TABLE half DROP CONSTRAINT closed"); }

    static constexpr auto kParked = R"(parked_events{source="facebook"})";
};

TEST_F(RefusalTest, ADayThatIsRefusedWaitsAndTheOtherDaysGoOn) {
    spoil("2026-03-02");
    start();
    send({event_of("a", "2026-03-01"), event_of("b", "2026-03-02"), event_of("c", "2026-03-03")});
    EXPECT_TRUE(await([&] { return stored() == "a c"; }));
    ASSERT_TRUE(await([&] { return metric(kParked) == 1; }));
    EXPECT_FALSE(database_health_.is_up());
    EXPECT_THAT(database_health_.reason(),
                AllOf(HasSubstr("2026-03-02"), HasSubstr("23514"), HasSubstr("constraint closed"),
                      Not(HasSubstr("2026-03-01"))));
    send({event_of("d", "2026-03-02")});
    for (int i = 0; i < 5; ++i) send({event_of(fmt::format("e{}", i), "2026-03-01")});
    EXPECT_TRUE(await([&] { return stored() == "a c e0 e1 e2 e3 e4"; }));
    EXPECT_FALSE(database_health_.is_up()) << "the ping of an idle connection says nothing of this";

    mend();
    EXPECT_TRUE(await([&] { return drained() && database_health_.is_up(); }));
    EXPECT_EQ(stored(), "a b c d e0 e1 e2 e3 e4");
    EXPECT_EQ(dead_letters(), 0U);
    EXPECT_EQ(metric(kParked), 0);
}

TEST_F(RefusalTest, WhatWaitsIsBoundedAndThenTheNextIsKeptInHand) {
    spoil("2026-03-02");
    start({.source = kFacebook, .batch_size = 1, .max_parked = 2});
    for (int i = 0; i < 4; ++i) {  // one by one: together they would be one batch
        send({event_of(fmt::format("late{}", i), "2026-03-02")});
        ASSERT_TRUE(await([&] { return metric(kParked) == std::min(i + 1, 2); }));
    }
    mend();
    EXPECT_TRUE(await([&] { return drained() && database_health_.is_up(); }));
    EXPECT_EQ(stored(), "late0 late1 late2 late3");
}

TEST_F(RefusalTest, AColumnOfSomebodysMakesNoDeadLetters) {
    (void)test::query(database_, "ALTER TABLE facebook_events ADD tenant int NOT NULL");
    start();
    send({event("fb-1"), event("fb-2")});
    ASSERT_TRUE(await([&] { return metric(kParked) == 2; }));
    EXPECT_THAT(database_health_.reason(), AllOf(HasSubstr("23502"), HasSubstr("column tenant")));
    send({event("fb-3")});
    (void)test::query(database_, "ALTER TABLE facebook_events ALTER tenant SET DEFAULT 7");
    EXPECT_TRUE(await([&] { return drained() && database_health_.is_up(); }));
    EXPECT_EQ(rows(), "3");
    EXPECT_EQ(dead_letters(), 0U);
}

/// Spoils a value of one event on its way to the database, so that it is PostgreSQL that refuses.
class SpoilingStore : public EventStore {
  public:
    explicit SpoilingStore(EventStore& store) : store_{store} {}

    std::size_t store(std::span<const StorableEvent> events) override {
        std::vector<StorableEvent> spoiled{events.begin(), events.end()};
        for (auto& event : spoiled) {
            if (event.event.event_id != "culprit") continue;
            test::set_value(event.event, "user.location.country", Value{"\xff"});
        }
        return store_.store(spoiled);
    }
    void ping() override { store_.ping(); }

  private:
    EventStore& store_;
};

class ContentTest : public RefusalTest {
  protected:
    void TearDown() override { collector_.reset(); }  // before its store
    [[nodiscard]] EventStore& store() override { return spoiling_; }
    SpoilingStore spoiling_{store_};
};

TEST_F(ContentTest, WhatOurOwnColumnRefusesGoesToTheDeadLettersAndTheRestIsStored) {
    start();
    send({event("fb-1"), event("fb-2"), event("culprit"), event("fb-3")});
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "3");
    EXPECT_EQ(dead_letters(), 1U);
    EXPECT_EQ(metric(R"(dead_letter_events_total{reason="refused_by_database",source="facebook"})"),
              1);
    EXPECT_TRUE(database_health_.is_up());
}

}  // namespace
}  // namespace events::collector
