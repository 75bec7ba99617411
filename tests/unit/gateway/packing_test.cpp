#include "gateway/packing.hpp"

#include "common/nats/topology.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace events::gateway {
namespace {

using ::testing::ElementsAre;

struct Packed {
    Source source;
    std::string payload;
    std::size_t events;

    bool operator==(const Packed&) const = default;
};

std::vector<Packed> packed(const std::vector<AcceptedEvent>& accepted, std::size_t per_message,
                           std::size_t max_bytes = nats::kMaxMessageBytes) {
    std::vector<Packed> messages;
    gateway::pack(accepted, per_message, max_bytes, [&](const PackedMessage& message) {
        messages.push_back({message.source, std::string{message.payload}, message.events});
    });
    return messages;
}

TEST(Packing, KeepsSourcesApartAndTheOrderOfEach) {
    const std::vector<AcceptedEvent> events{
        {kTikTok, "{1}"}, {kFacebook, "{2}"}, {kTikTok, "{3}"}, {kFacebook, "{4}"}};
    EXPECT_THAT(packed(events, 100),
                ElementsAre(Packed{kFacebook, "{2}\n{4}", 2}, Packed{kTikTok, "{1}\n{3}", 2}));
}

TEST(Packing, AMessageOfOneEventIsExactlyThatEvent) {
    EXPECT_THAT(packed({{kFacebook, R"({"a": 1})"}}, 100),
                ElementsAre(Packed{kFacebook, R"({"a": 1})", 1}));
}

TEST(Packing, TakesLineBreaksBetweenTokensOut) {
    EXPECT_THAT(packed({{kFacebook, "{\r\n\"a\":\n1}"}}, 100),
                ElementsAre(Packed{kFacebook, "{\"a\":1}", 1}));
}

TEST(Packing, NeverPutsMoreEventsIntoAMessageThanAllowed) {
    const std::vector<AcceptedEvent> events(250, {kFacebook, "{}"});
    const auto messages = packed(events, 100);
    ASSERT_EQ(messages.size(), 3U);
    EXPECT_EQ(messages[0].events, 100U);
    EXPECT_EQ(messages[1].events, 100U);
    EXPECT_EQ(messages[2].events, 50U);
    EXPECT_EQ(packed(events, 1).size(), 250U);
}

TEST(Packing, NeverMakesAMessageLargerThanItMayBe) {
    const std::string large(100'000, 'x');
    const std::string largest(nats::kMaxMessageBytes, 'y');
    const auto messages = packed({{kFacebook, large},
                                  {kFacebook, large},
                                  {kFacebook, large},
                                  {kFacebook, largest},
                                  {kFacebook, "{}"}},
                                 100);
    std::vector<std::size_t> counts;
    for (const auto& message : messages) {
        EXPECT_LE(message.payload.size(), nats::kMaxMessageBytes);
        counts.push_back(message.events);
    }
    EXPECT_THAT(counts, ElementsAre(2U, 1U, 1U, 1U));
}

TEST(Packing, KeepsToTheBytesThatABrokerTakes) {
    const std::vector<AcceptedEvent> events(5, {kFacebook, "{12}"});
    EXPECT_THAT(packed(events, 100, 14), ElementsAre(Packed{kFacebook, "{12}\n{12}\n{12}", 3},
                                                     Packed{kFacebook, "{12}\n{12}", 2}));
    EXPECT_EQ(packed(events, 100, 13).size(), 3U);
}

TEST(Packing, MakesNoMessageOfNothing) {
    EXPECT_TRUE(packed({}, 100).empty());
}

}  // namespace
}  // namespace events::gateway
