// Events that waited in the stream while their person was erased.
#include "collector_fixture.hpp"

#include <gtest/gtest.h>

#include <string>

namespace events::collector {
namespace {

class Erased : public CollectorTest {
  protected:
    /// As events-erase does, before it deletes rows.
    void erase(const std::string& user, const std::string& at = "now()") {
        test::query(database_, "UPDATE events.erasure_list SET version = version + 1");
        test::query(database_,
                    "INSERT INTO events.erasures (source, user_hash, erased_at, requested_by, "
                    "reason) SELECT 'facebook', sha256(salt || '" +
                        user + "'), " + at + ", '', '' FROM events.erasure_list");
    }
};

TEST_F(Erased, PersonsEventsAreDroppedAndAcknowledged) {
    start();
    send({event("fb-1"), event("fb-2")});
    ASSERT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "2");
    erase("fb-user-1");
    auto others = event("fb-5");
    others.replace(others.find("fb-user-1"), 9, "fb-user-2");
    send({event("fb-3"), others, event("fb-4")});
    ASSERT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "3");
    EXPECT_EQ(dead_letters(), 0U);
    EXPECT_TRUE(has_metric(R"(erased_events_total{source="facebook"} 2)"));
    EXPECT_TRUE(has_metric(R"(processed_events_total{source="facebook"} 3)"));
    EXPECT_TRUE(has_metric(R"(duplicate_events_total{source="facebook"} 0)"));
}

// send() says that the gateway took them in March.
TEST_F(Erased, PersonsLaterEventsAreStored) {
    erase("fb-user-1", "'2026-02-28'");
    start();
    send({event("fb-1"), event("fb-2")});
    ASSERT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "2");
    EXPECT_TRUE(has_metric(R"(erased_events_total{source="facebook"} 0)"));
}

}  // namespace
}  // namespace events::collector
