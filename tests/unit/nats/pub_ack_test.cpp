#include "common/nats/pub_ack.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace events::nats {
namespace {

struct AckCase {
    std::string name;
    std::string text;
    PublishStatus status;
    int code = 0;
    std::string error = {};

    friend std::ostream& operator<<(std::ostream& out, const AckCase& c) { return out << c.text; }
};

class ParsePubAck : public ::testing::TestWithParam<AckCase> {};

TEST_P(ParsePubAck, ReadsTheServersAnswer) {
    const auto outcome = parse_pub_ack(GetParam().text);
    EXPECT_EQ(outcome.status, GetParam().status);
    EXPECT_EQ(outcome.code, GetParam().code);
    EXPECT_EQ(outcome.error, GetParam().error);
    EXPECT_EQ(outcome.durable(), GetParam().status == PublishStatus::stored ||
                                     GetParam().status == PublishStatus::duplicate);
}

constexpr auto kStored = PublishStatus::stored;
constexpr auto kDuplicate = PublishStatus::duplicate;
constexpr auto kRefused = PublishStatus::refused;
constexpr auto kUnknown = PublishStatus::unreachable;
const std::string kNoAck = "not an acknowledgement";

INSTANTIATE_TEST_SUITE_P(
    Server, ParsePubAck,
    ::testing::Values(
        AckCase{"OfServer29", R"({"stream":"EVENTS", "seq":1})", kStored},
        AckCase{"WithoutSpace", R"({"stream":"EVENTS","seq":18446744073709551615})", kStored},
        AckCase{"WithDomain", R"({"stream":"S", "domain":"hub", "seq":7})", kStored},
        AckCase{"Duplicate", R"({"stream":"S","seq":1,"duplicate": true})", kDuplicate},
        AckCase{"NotDuplicate", R"({"stream":"S","seq":1,"duplicate": false})", kStored},
        AckCase{"UnknownField", R"({"stream":"S","seq":1,"val":"12"})", kStored},
        AckCase{"EscapedName", R"({"stream":"a\"b","seq":1})", kStored},
        AckCase{"Full",
                R"({"error":{"code":503,"err_code":10077,"description":"maximum bytes exceeded"},)"
                R"("stream":"S","seq":0})",
                kRefused, 10077, "maximum bytes exceeded"},
        AckCase{"ErrorAfterSequence",
                R"({"stream":"S","seq":0,"error":{"code":503,"err_code":10077,"description":"x"}})",
                kRefused, 10077, "x"},
        AckCase{"ErrorWithoutReason", R"({"error":{"code":500}})", kRefused, 0,
                "refused without a reason"},
        AckCase{"ErrorOfOddTypes", R"({"error":{"err_code":"1","description":3}})", kRefused, 0,
                "refused without a reason"},
        AckCase{"ErrorCodeThatNoIntHolds", R"({"error":{"err_code":1e300,"description":"x"}})",
                kRefused, 0, "x"},
        AckCase{"ErrorCodeOverAnInt", R"({"error":{"err_code":4294967297,"description":"x"}})",
                kRefused, 0, "x"},
        AckCase{"ZeroesBeforeTheSequence", R"({"stream":"S","seq":007})", kUnknown, 0, kNoAck},
        AckCase{"SequenceOver64Bits", R"({"stream":"S","seq":18446744073709551616})", kUnknown, 0,
                kNoAck},
        AckCase{"LineBreakInTheName", "{\"stream\":\"a\nb\",\"seq\":1}", kUnknown, 0, kNoAck},
        AckCase{"NulBehind", std::string{"{\"stream\":\"S\",\"seq\":1}\t\0x", 25}, kUnknown, 0,
                kNoAck},
        AckCase{"ErrorNotAnObject", R"({"error":"no","stream":"S","seq":1})", kUnknown, 0, kNoAck},
        AckCase{"NoSequence", R"({"stream":"S"})", kUnknown, 0, kNoAck},
        AckCase{"EmptySequence", R"({"stream":"S","seq":})", kUnknown, 0, kNoAck},
        AckCase{"NegativeSequence", R"({"stream":"S","seq":-1})", kUnknown, 0, kNoAck},
        AckCase{"Cut", R"({"stream":"S", "seq":1)", kUnknown, 0, kNoAck},
        AckCase{"Trailing", R"({"stream":"S", "seq":1}})", kUnknown, 0, kNoAck},
        AckCase{"Empty", "", kUnknown, 0, kNoAck}, AckCase{"Array", "[1]", kUnknown, 0, kNoAck}),
    [](const auto& test) { return test.param.name; });

TEST(PubAck, TellsTheSequence) {
    EXPECT_EQ(parse_pub_ack(R"({"stream":"EVENTS", "seq":1007})").sequence, 1'007U);
    EXPECT_EQ(parse_pub_ack(R"({"stream":"S","seq":18446744073709551615})").sequence,
              18'446'744'073'709'551'615U);
    EXPECT_EQ(parse_pub_ack(R"({"stream":"S","seq":12,"duplicate":true})").sequence, 12U);
    EXPECT_EQ(parse_pub_ack(R"({"error":{"err_code":10077},"stream":"S","seq":7})").sequence, 0U);
}

TEST(PubAck, NamesItsStream) {
    EXPECT_EQ(parse_pub_ack(R"({"stream":"EVENTS", "seq":1})").stream, "EVENTS");
    EXPECT_EQ(parse_pub_ack(R"({"stream":"a\"b","seq":1})").stream, "a\"b");
    EXPECT_EQ(parse_pub_ack(R"({"stream":"S","seq":1,"duplicate":true})").stream, "S");
    EXPECT_EQ(parse_pub_ack(R"({"error":{"err_code":10077},"stream":"S","seq":0})").stream, "S");
    EXPECT_EQ(parse_pub_ack(R"({"stream":7,"seq":1})").stream, "");
    EXPECT_EQ(parse_pub_ack(R"({"seq":1})").stream, "");
}

}  // namespace
}  // namespace events::nats
