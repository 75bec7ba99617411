#include "common/nats/broker_clock.hpp"

#include "integration/nats/client.hpp"
#include "support/nats_server.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace events::nats::test {
namespace {

using namespace std::chrono_literals;
using events::test::await;
using events::test::kPatience;
using events::test::NatsServer;

constexpr auto kStream = "KEPT";

class BrokerClockTest : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(client_.connection.wait_connected(kPatience));
        client_.jetstream.ensure_stream({.name = kStream, .subjects = {"kept"}});
    }
    [[nodiscard]] bool shows(const std::string& text) const {
        return client_.metrics.text().find(text) != std::string::npos;
    }
    [[nodiscard]] bool known() const { return shows("clock_offset_seconds"); }

    NatsServer server_;
    Client client_{server_.url()};
    clock::Comparison comparison_{"nats", make_log(), client_.metrics};
};

TEST_F(BrokerClockTest, ReadsTheServersTimeBetweenTwoOfOurs) {
    const auto reading = read_broker_clock(client_.connection, kStream);
    ASSERT_TRUE(reading);
    // The same machine's clock; the server may write down a little less than it knows.
    EXPECT_GE(reading->theirs, reading->before - 1ms);
    EXPECT_LE(reading->theirs, reading->after + 1ms);
}

TEST_F(BrokerClockTest, ReadsItFromAServerThatHasWorkedForLong) {
    const auto first = read_broker_clock(client_.connection, kStream);
    const auto second = read_broker_clock(client_.connection, kStream);
    ASSERT_TRUE(first && second);
    EXPECT_GT(second->theirs, first->theirs);
}

TEST_F(BrokerClockTest, ComparesAtEachConnection) {
    const BrokerClock clock{client_.connection, kStream, comparison_, make_log()};
    EXPECT_TRUE(await([&] { return known(); }));
    const auto generation = client_.connection.generation();
    client_.metrics
        .gauge("clock_offset_seconds",
               "How far a dependency's clock is ahead of this machine's, at its last connection.",
               {{"dependency", "nats"}})
        .Set(99);
    server_.restart();
    ASSERT_TRUE(await_another(client_.connection, generation));
    EXPECT_TRUE(await([&] { return !shows("clock_offset_seconds{dependency=\"nats\"} 99\n"); }));
}

TEST_F(BrokerClockTest, WaitsForAStreamThatIsNotThereYet) {
    BrokerClock clock{client_.connection, "LATER", comparison_, make_log()};
    EXPECT_FALSE(clock.compare());
    client_.jetstream.ensure_stream({.name = "LATER", .subjects = {"later"}});
    EXPECT_TRUE(await([&] { return known(); }));
}

}  // namespace
}  // namespace events::nats::test
