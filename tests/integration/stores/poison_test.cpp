#include "common/collector/event_table.hpp"
#include "common/postgres/error.hpp"
#include "common/sources/tiktok.hpp"
#include "sample_events.hpp"
#include "support/made_events.hpp"
#include "support/postgres_cluster.hpp"

#include <gtest/gtest.h>

#include <array>

namespace events {
namespace {

using namespace std::chrono;
using namespace test;

class PoisonTest : public ::testing::Test {
  protected:
    /// The SQLSTATE with which the database refused the events.
    template <std::size_t N>
    std::string refusal_of(const std::array<collector::StorableEvent, N>& events) {
        try {
            store_.store(events);
        } catch (const postgres::ContentRefused& refused) {
            return refused.sqlstate();
        }
        return "none";
    }
    [[nodiscard]] std::string count() const {
        return query(url_, "SELECT count(*) FROM tiktok_events");
    }

    std::string url_ = make_events_database();
    collector::EventTable store_{options_for(url_), kTikTok};
};

TEST_F(PoisonTest, ARefusedRowTakesItsWholeBatchWithIt) {
    EXPECT_EQ(refusal_of(std::array{tiktok_like("a", kNoon), tiktok_like("poison\xff", kNoon),
                                    tiktok_like("b", kNoon)}),
              "22021");
    EXPECT_EQ(count(), "0");
    EXPECT_EQ(store_.store(std::array{tiktok_like("a", kNoon), tiktok_like("b", kNoon)}), 2U);
}

TEST_F(PoisonTest, AnAmountThatDoesNotFitIsRefused) {
    auto event = tiktok_purchase("a", kNoon);
    set_value(event.event, "engagement.purchaseAmount", Value{"1000000000000.00"});
    EXPECT_EQ(refusal_of(std::array{tiktok_like("b", kNoon), event}), "22003");
    EXPECT_EQ(count(), "0");
}

TEST_F(PoisonTest, ATextThatIsNotUtf8IsRefused) {
    EXPECT_EQ(refusal_of(std::array{tiktok_like("a\xff", kNoon)}), "22021");
}

TEST_F(PoisonTest, ANulInATextIsRefusedAndNotCutOff) {
    EXPECT_EQ(refusal_of(std::array{tiktok_like({"a\0b", 3}, kNoon)}), "22021");
    EXPECT_EQ(count(), "0");
}

}  // namespace
}  // namespace events
