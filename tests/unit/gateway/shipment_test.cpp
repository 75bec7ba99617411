#include "gateway/shipment.hpp"

#include "common/events/message_encoding.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace events::gateway {
namespace {

struct Copy {
    std::string subject;
    std::map<std::string, std::string> headers;
    std::string payload;
    bool operator==(const Copy&) const = default;
};

std::vector<Copy> messages_of(const Shipment& shipment) {
    std::vector<Copy> all;
    shipment.for_each([&](const Message& message) {
        Copy copy{message.subject, {}, std::string{message.payload}};
        for (const auto& [name, value] : message.headers) copy.headers.emplace(name, value);
        all.push_back(std::move(copy));
    });
    return all;
}

TEST(Shipment, MakesTheSameMessagesEachTime) {
    const std::string correlation_id = "c-1";
    const std::string traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const std::string first = R"({"n":1})";
    const std::string second = R"({"n":2})";
    const ParsedBody body{
        .accepted = {{kTikTok, first}, {kFacebook, second}},
        .rejected = {{.index = 2,
                      .json = "[]",
                      .why = {RejectionCode::not_an_object, "", "is no object", std::nullopt},
                      .source = std::nullopt}}};
    const Shipment shipment{.body = body,
                            .correlation_id = correlation_id,
                            .traceparent = traceparent,
                            .received = std::chrono::system_clock::now(),
                            .events_per_message = 100};
    const auto all = messages_of(shipment);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].subject, "events.facebook");
    EXPECT_EQ(all[1].subject, "events.tiktok");
    EXPECT_EQ(all[1].payload, first);
    EXPECT_EQ(all[2].subject, "dead.gateway");
    EXPECT_EQ(all[2].headers.at("X-Reason-Code"), "not_an_object");
    for (const auto& message : all) {
        EXPECT_EQ(message.headers.at("X-Correlation-Id"), "c-1");
        EXPECT_EQ(message.headers.at("traceparent"), traceparent);
    }
    EXPECT_EQ(messages_of(shipment), all);
}

TEST(Shipment, CompressesWhatIsLargeAndKeepsItsId) {
    const std::string correlation_id = "c-1";
    const std::string traceparent;
    const std::string event = R"({"eventId":"fb-1","text":")" + std::string(100, 'x') + "\"}";
    const ParsedBody body{.accepted = std::vector<AcceptedEvent>(101, {kFacebook, event}),
                          .rejected = {}};
    Shipment shipment{.body = body,
                      .correlation_id = correlation_id,
                      .traceparent = traceparent,
                      .received = std::chrono::system_clock::now(),
                      .events_per_message = 100};
    const auto plain = messages_of(shipment);
    shipment.compress = true;
    const auto all = messages_of(shipment);
    ASSERT_EQ(all.size(), 2U);
    ASSERT_EQ(plain.size(), 2U);
    EXPECT_LT(10 * all[0].payload.size(), plain[0].payload.size());
    EXPECT_EQ(all[0].headers.at("Content-Encoding"), "zstd");
    EXPECT_EQ(Decompressor{}.plain(all[0].payload, "zstd", 1 << 20).value(), plain[0].payload);
    EXPECT_EQ(all[0].headers.at("Nats-Msg-Id"), plain[0].headers.at("Nats-Msg-Id"));
    EXPECT_EQ(all[1].payload, event);
    EXPECT_EQ(all[1].headers.at("Content-Encoding"), "");
    EXPECT_EQ(messages_of(shipment), all);
}

TEST(Shipment, MakesNoMessageThatTheBrokerDoesNotTake) {
    const std::string correlation_id(128, 'c');
    const std::string traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const std::string event(300, 'x');
    const std::string invalid(5'000, 'y');
    ParsedBody body{.accepted = std::vector<AcceptedEvent>(100, {kFacebook, event}),
                    .rejected = {{.index = 100,
                                  .json = invalid,
                                  .why = {RejectionCode::not_an_object, "", "x", std::nullopt},
                                  .source = std::nullopt}}};
    for (const std::size_t max_payload : {1'000U, 1'500U, 4'096U, 32'768U, 1U << 20}) {
        const Shipment shipment{.body = body,
                                .correlation_id = correlation_id,
                                .traceparent = traceparent,
                                .received = std::chrono::system_clock::now(),
                                .events_per_message = 100,
                                .max_payload = max_payload};
        std::size_t events = 0;
        std::size_t largest = 0;
        shipment.for_each([&](const Message& message) {
            const auto bytes = nats::header_bytes(message.headers) + message.payload.size();
            EXPECT_LE(bytes, max_payload);
            if (message.cargo.dead_letter == nullptr) largest = std::max(largest, bytes);
            events += message.cargo.events;
        });
        EXPECT_EQ(events, 100U);
        // One more event would not have fitted, or there is none.
        EXPECT_TRUE(largest + event.size() >= max_payload || largest > 100 * event.size());
    }
}

}  // namespace
}  // namespace events::gateway
