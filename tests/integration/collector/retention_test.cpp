// Events that waited until they are older than what is kept.
#include "recovery_fixture.hpp"

#include <atomic>

namespace events::collector {
namespace {

std::string event_at(const std::string& id, const std::string& time) {
    return test::facebook_top(id, time);
}

class RetentionTest : public RecoveryTest {
  protected:
    void start_keeping_from(const char* time) {
        kept_from_ = *parse_timestamp(time);
        CollectorOptions options{.source = kFacebook};
        options.first_kept = [this] { return std::optional{kept_from_.load()}; };
        start(options);
    }
    [[nodiscard]] std::string stored() const {
        return test::query(database_,
                           "SELECT coalesce(string_agg(event_id, ' ' ORDER BY event_id), '') FROM "
                           "facebook_events");
    }
    [[nodiscard]] bool has_partition(const std::string& day) const {
        return test::query(database_,
                           "SELECT to_regclass('facebook_events_p" + day + "') IS NOT NULL") == "t";
    }

    static constexpr auto kTooOld =
        R"(dead_letter_events_total{reason="too_old",source="facebook"})";

    std::atomic<Timestamp> kept_from_{};
};

TEST_F(RetentionTest, WhatIsTooOldBecomesADeadLetterAndTheRestIsStored) {
    start_keeping_from("2026-03-02T00:00:00Z");
    send({event_at("edge", "2026-03-02T00:00:00Z"), event_at("old", "2026-02-27T12:00:00Z"),
          event_at("new", "2026-03-03T12:00:00Z"),
          event_at("just-old", "2026-03-01T23:59:59.999999Z")});
    send({event_at("older", "2003-01-01T00:00:00Z")});
    EXPECT_TRUE(await([&] { return drained() && metric(kTooOld) == 3; }));
    EXPECT_EQ(stored(), "edge new");
    EXPECT_EQ(dead_letters(), 3U);
    EXPECT_FALSE(has_partition("20260227"));
    EXPECT_FALSE(has_partition("20260301")) << "the day did not come back";
    EXPECT_TRUE(database_health_.is_up());
}

// A batch in hand waited for the database, and its day went meanwhile.
TEST_F(RetentionTest, WhatBecomesTooOldInHandIsNotStoredEither) {
    start_keeping_from("2026-03-01T00:00:00Z");
    pqxx::connection holder{database_};
    pqxx::work hold{holder};
    hold.exec("LOCK TABLE facebook_events IN ACCESS EXCLUSIVE MODE");
    hold.exec("SELECT events.retain_from('facebook', '2026-03-02')");
    send({event_at("old", "2026-03-01T12:00:00Z"), event_at("new", "2026-03-02T12:00:00Z")});
    ASSERT_TRUE(await([&] { return store_waits(); }));
    hold.commit();
    // The collector has not heard of it: the database refuses the day.
    ASSERT_TRUE(await([&] { return !database_health_.is_up(); }));
    EXPECT_EQ(stored(), "");
    kept_from_ = *parse_timestamp("2026-03-02T00:00:00Z");
    EXPECT_TRUE(await([&] { return drained() && database_health_.is_up(); }));
    EXPECT_EQ(stored(), "new");
    EXPECT_EQ(metric(kTooOld), 1);
    EXPECT_FALSE(has_partition("20260301"));
}

}  // namespace
}  // namespace events::collector
