#include "common/nats/dead_letter.hpp"

#include "common/events/time.hpp"
#include "common/nats/topology.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace events::nats {
namespace {

std::map<std::string, std::string> headers_as_map(const DeadLetter& letter) {
    std::map<std::string, std::string> map;
    for (const auto& [name, value] : headers_of(letter, std::chrono::system_clock::now())) {
        map.emplace(name, value);
    }
    return map;
}

DeadLetter sample() {
    return {.subject = kDeadLetterOfGateway,
            .raw = R"({"eventId":"fb-1"})",
            .code = "missing_field",
            .reason = "timestamp is missing",
            .path = "timestamp",
            .correlation_id = "c-1",
            .discriminator = "0"};
}

TEST(MessageId, IsTheSameForTheSamePartsOnly) {
    EXPECT_EQ(message_id({"a", "bc"}), message_id({"a", "bc"}));
    EXPECT_NE(message_id({"a", "bc"}), message_id({"ab", "c"}));
    EXPECT_NE(message_id({"abc"}), message_id({"abc", ""}));
    EXPECT_EQ(message_id({"a"}).size(), 32U);
}

TEST(DeadLetter, SaysWhatIsWrongWithIt) {
    const auto headers = headers_as_map(sample());
    EXPECT_EQ(headers.at("X-Reason-Code"), "missing_field");
    EXPECT_EQ(headers.at("X-Reason"), "timestamp is missing");
    EXPECT_EQ(headers.at("X-Path"), "timestamp");
    EXPECT_EQ(headers.at("X-Correlation-Id"), "c-1");
    EXPECT_TRUE(parse_timestamp(headers.at("X-Failed-At")));
    EXPECT_FALSE(headers.contains("X-Original-Bytes"));
}

TEST(DeadLetter, CarriesTheTraceOfItsRequestWhereThereIsOne) {
    auto letter = sample();
    EXPECT_EQ(headers_as_map(letter)["traceparent"], "") << "which is not sent";
    letter.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    EXPECT_EQ(headers_as_map(letter).at("traceparent"), letter.traceparent);
}

TEST(DeadLetter, HasTheRootAsItsPathWhereNoFieldIsToBlame) {
    // cnats 3.4 read an empty header together with the next one: X-Path swallowed X-Reason.
    auto letter = sample();
    letter.path = "";
    EXPECT_EQ(headers_as_map(letter).at("X-Path"), "$");
}

TEST(DeadLetter, HasTheSameIdWhenItsRequestIsRepeatedAndAnotherForItsTwin) {
    auto twin = sample();
    twin.discriminator = "1";
    EXPECT_EQ(headers_as_map(sample()).at("Nats-Msg-Id"),
              headers_as_map(sample()).at("Nats-Msg-Id"));
    EXPECT_NE(headers_as_map(sample()).at("Nats-Msg-Id"), headers_as_map(twin).at("Nats-Msg-Id"));
}

TEST(DeadLetter, IsCutWhereItIsTooLargeAndSaysSo) {
    const std::string large(kMaxMessageBytes + 1, 'x');
    auto letter = sample();
    letter.raw = large;
    EXPECT_EQ(payload_of(letter, {}).size(), kMaxMessageBytes);
    EXPECT_EQ(headers_as_map(letter).at("X-Original-Bytes"), std::to_string(large.size()));
}

TEST(DeadLetter, NeverTakesMoreThanTheBrokerDoes) {
    const std::string raw(10'000, 'x');
    for (const std::size_t max_payload : {1'000U, 10'000U, 10'300U, 11'000U}) {
        auto letter = sample();
        letter.raw = raw;
        letter.max_payload = max_payload;
        const auto fields = headers_of(letter, std::chrono::system_clock::now());
        const auto payload = payload_of(letter, fields);
        EXPECT_LE(header_bytes(fields) + payload.size(), max_payload);
        const bool cut = headers_as_map(letter).contains("X-Original-Bytes");
        EXPECT_EQ(cut, payload.size() < raw.size()) << max_payload;
        if (cut) {
            EXPECT_EQ(header_bytes(fields) + payload.size(), max_payload);
        }
    }
    auto letter = sample();
    letter.max_payload = 10;  // not even its headers
    EXPECT_TRUE(payload_of(letter, headers_of(letter, {})).empty());
}

TEST(DeadLetter, SaysWhenItsEventWasReceivedWhereThatIsKnown) {
    auto letter = sample();
    EXPECT_FALSE(headers_as_map(letter).contains("X-Received-At"));
    letter.received_at = parse_timestamp("2026-03-01T10:00:00.000001Z");
    EXPECT_EQ(headers_as_map(letter).at("X-Received-At"), "2026-03-01T10:00:00.000001Z");
}

}  // namespace
}  // namespace events::nats
