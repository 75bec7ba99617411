// Messages of strangers: whoever may publish to the broker writes headers and payload.
#include "collector_fixture.hpp"
#include "common/sources/facebook.hpp"
#include "integration/http/raw_client.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>
#include <string>
#include <vector>

namespace events::collector {
namespace {

using ::testing::HasSubstr;

/// Sends what NATS' own clients would not.
class HostileMessages : public CollectorTest {
  protected:
    HostileMessages() { stranger_.send("CONNECT {\"verbose\":false,\"headers\":true}\r\n"); }

    /// `block`: all of the headers' bytes, as they go over the wire.
    void publish(const std::string& block, const std::string& payload) {
        ++sent_;
        stranger_.send(fmt::format("HPUB {} {} {}\r\n{}{}\r\n", kFacebook.subject(), block.size(),
                                   block.size() + payload.size(), block, payload));
    }
    static std::string header(const std::string& name, const std::string& value) {
        return fmt::format("NATS/1.0\r\n{}: {}\r\n\r\n", name, value);
    }
    /// Everything that was published is in the stream.
    [[nodiscard]] bool all_stored() {
        return await([&] { return nats::test::messages_in(jetstream_, stream_.name) == sent_; });
    }

    test::RawClient stranger_{server_.port()};
    std::uint64_t sent_ = 0;
};

// X-Event-Count was believed: the collector reserved so much memory, ended, and so did the next
// one.
TEST_F(HostileMessages, NoCountOfEventsIsBelieved) {
    for (const auto* count :
         {"1000000000000", "18446744073709551615", "99999999999999999999", "-1", "0", "two", ""}) {
        publish(header(nats::headers::kEventCount, count),
                event(fmt::format("fb-{}", sent_)) + "\n" + event(fmt::format("fb-{}-b", sent_)));
    }
    ASSERT_TRUE(all_stored());
    start();
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "14");
    EXPECT_EQ(dead_letters(), 0U);
}

// An id that is no UTF-8 made the database refuse a good event.
TEST_F(HostileMessages, NoHeaderCostsAGoodEvent) {
    const std::vector<std::string> values{
        std::string(60'000, 'a'), "a\xff", "\xc0\x80", "'; --", "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z"};
    for (const auto& value : values) {
        for (const auto* name : {nats::headers::kCorrelationId, nats::headers::kReceivedAt,
                                 nats::headers::kTraceparent}) {
            publish(header(name, value), event(fmt::format("fb-{}", sent_)));
        }
    }
    ASSERT_TRUE(all_stored());
    start();
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), std::to_string(sent_));
    EXPECT_EQ(test::query(database_,
                          "SELECT bool_and(correlation_id ~ '^[A-Za-z0-9._:-]{1,128}$' AND "
                          "received_at BETWEEN '1970-01-01' AND now()) FROM facebook_events"),
              "t");
}

// cnats takes such a message for the server's own words and drops it: it was never acknowledged.
TEST_F(HostileMessages, WhatLooksLikeAStatusOfTheServerIsAMessage) {
    const std::vector<std::string> blocks{"NATS/1.0 503\r\n\r\n", "NATS/1.0\r\nStatus: 503\r\n\r\n",
                                          "NATS/1.0 409 Consumer Deleted\r\n\r\n",
                                          "NATS/1.0 100 Idle Heartbeat\r\n\r\n"};
    for (const auto& block : blocks) {
        publish(block, "");
        publish(block, event(fmt::format("fb-{}", sent_)));
    }
    ASSERT_TRUE(all_stored());
    start();
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "4");
    EXPECT_EQ(dead_letters(), 4U) << "those without an event";
    EXPECT_TRUE(has_metric(R"(duplicate_events_total{source="facebook"} 0)"));
}

TEST_F(HostileMessages, AMessageOfManyLinesIsStoredPieceByPiece) {
    std::string payload;
    for (int i = 0; i < 700; ++i)
        payload += fmt::format("{}\n{}\n", event(fmt::format("fb-{}", i)), i);
    publish("NATS/1.0\r\n\r\n", payload);
    ASSERT_TRUE(all_stored());
    start({.source = kFacebook, .batch_size = 100});
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "700");
    EXPECT_EQ(dead_letters(), 700U);
    EXPECT_THAT(metrics_.text(), HasSubstr(R"(accepted_events_total{source="facebook"} 1400)"));
}

/// Headers of any shape that the server passes on.
std::string random_block(std::mt19937& random) {
    const auto below = [&](std::size_t bound) { return random() % bound; };
    static const std::vector<std::string> kNames{"X-Correlation-Id",
                                                 "X-Event-Count",
                                                 "X-Received-At",
                                                 "traceparent",
                                                 "Status",
                                                 "Description",
                                                 "Content-Encoding",
                                                 "Nats-Pending-Messages",
                                                 "x",
                                                 "",
                                                 " "};
    static const std::vector<std::string> kValues{
        "1000000000000",
        "",
        " ",
        ":",
        "2026-03-01T10:00:00Z",
        "503",
        "\xff\xfe",
        "a\tb",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"};
    std::string block = below(8) == 0 ? "NATS/1.0 503 No Responders" : "NATS/1.0";
    if (below(12) == 0) block.resize(below(block.size()));
    for (auto left = below(6); left > 0; --left) {
        block += below(10) == 0 ? "\n" : "\r\n";
        block += kNames[below(kNames.size())];
        if (below(10) != 0) block += below(2) == 0 ? ":" : ": ";
        block += below(20) == 0 ? std::string(below(5'000), 'v') : kValues[below(kValues.size())];
        if (below(10) == 0) block += static_cast<char>(below(256));
    }
    if (below(10) != 0) block += "\r\n\r\n";
    return block;
}

// Whatever stands around them: every good event is stored, every other line is a dead letter, and
// every message is acknowledged.
TEST_F(HostileMessages, RandomHeadersAndPayloadsCostThemselvesOnly) {
    std::mt19937 random{20'261'130};
    std::uint64_t good = 0;
    std::uint64_t bad = 0;
    for (int i = 0; i < 400; ++i) {
        std::string payload;
        const auto lines = random() % 5;
        for (auto left = lines; left > 0; --left) {
            if (random() % 3 != 0) {
                payload += event(fmt::format("fb-{}-{}", i, left)) + "\n";
                ++good;
            } else {
                auto junk = std::string(1 + random() % 40, static_cast<char>(random() % 256));
                std::ranges::replace(junk, '\n', 'n');
                payload += junk + std::to_string(left) + "\n";  // no two alike
                ++bad;
            }
        }
        if (lines == 0) ++bad;
        publish(random_block(random), payload);
    }
    ASSERT_TRUE(all_stored());
    start({.source = kFacebook, .batch_size = 50});
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), std::to_string(good));
    EXPECT_EQ(dead_letters(), bad);
    EXPECT_TRUE(has_metric(R"(duplicate_events_total{source="facebook"} 0)"));
}

}  // namespace
}  // namespace events::collector
