#include "common/nats/pull_consumer.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace events::nats {
namespace {

struct ReplyCase {
    std::string name;
    std::string reply;

    friend std::ostream& operator<<(std::ostream& out, const ReplyCase& c) {
        return out << c.reply;
    }
};

class DeliveryMetadataForms : public ::testing::TestWithParam<ReplyCase> {};

TEST_P(DeliveryMetadataForms, HoldTheSameFigures) {
    const auto metadata = parse_delivery_metadata(GetParam().reply);
    ASSERT_TRUE(metadata);
    EXPECT_EQ(metadata->deliveries, 3U);
    EXPECT_EQ(metadata->stream_sequence, 41U);
    EXPECT_EQ(metadata->pending, 7U);
    EXPECT_EQ(metadata->stored_at.time_since_epoch().count(), 1'795'351'898'833'114'178);
}

INSTANTIATE_TEST_SUITE_P(
    Server, DeliveryMetadataForms,
    ::testing::Values(
        ReplyCase{"NineTokens", "$JS.ACK.EVENTS.fb.3.41.40.1795351898833114178.7"},
        ReplyCase{"ElevenTokens", "$JS.ACK._.hash.EVENTS.fb.3.41.40.1795351898833114178.7"},
        ReplyCase{"TwelveTokens", "$JS.ACK.hub.hash.EVENTS.fb.3.41.40.1795351898833114178.7.x9"},
        ReplyCase{"MoreTokensToCome",
                  "$JS.ACK.hub.hash.EVENTS.fb.3.41.40.1795351898833114178.7.x9.new"}),
    [](const auto& test) { return test.param.name; });

class NoDeliveryMetadata : public ::testing::TestWithParam<ReplyCase> {};

TEST_P(NoDeliveryMetadata, IsFoundInOtherSubjects) {
    EXPECT_FALSE(parse_delivery_metadata(GetParam().reply));
}

INSTANTIATE_TEST_SUITE_P(
    Server, NoDeliveryMetadata,
    ::testing::Values(ReplyCase{"Empty", ""}, ReplyCase{"Inbox", "_INBOX.abc.1"},
                      ReplyCase{"PrefixOnly", "$JS.ACK."},
                      ReplyCase{"EightTokens", "$JS.ACK.EVENTS.fb.3.41.40.1795351898833114178"},
                      ReplyCase{"TenTokens", "$JS.ACK._.EVENTS.fb.3.41.40.1795351898833114178.7"},
                      ReplyCase{"NotANumber", "$JS.ACK.EVENTS.fb.x.41.40.1795351898833114178.7"},
                      ReplyCase{"Overflow", "$JS.ACK.E.fb.3.99999999999999999999.40.1795.7"},
                      ReplyCase{"TooManyTokens", "$JS.ACK.a.b.c.d.1.2.3.4.5.6.7.8.9.10.11.12.13"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace events::nats
