#include "gateway/signature.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <initializer_list>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace events::gateway {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::system_clock;
using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kOldSecret = "old-secret-of-the-app";
constexpr std::string_view kNewSecret = "new-secret-of-the-app";
constexpr std::string_view kBody = R"([{"eventId":"fb-1"}])";
const Clock::time_point kNow{1'772'000'000s};

Signatures both() {
    const std::vector secrets{config::Secret{std::string{kOldSecret}},
                              config::Secret{std::string{kNewSecret}}};
    return Signatures{{.meta_secrets = secrets, .tiktok_secrets = secrets, .max_age = 5min}};
}

std::string meta(std::string_view secret, std::string_view body = kBody) {
    return "sha256=" + crypto::to_hex(crypto::hmac_sha256(secret, {body}));
}

std::string tiktok(std::string_view secret, Clock::time_point at = kNow,
                   std::string_view body = kBody) {
    const auto time = std::to_string(Clock::to_time_t(at));
    return "t=" + time + ",s=" + crypto::to_hex(crypto::hmac_sha256(secret, {time, ".", body}));
}

http::RequestHead with(Headers headers) {
    http::RequestHead head;
    head.headers = std::move(headers);
    return head;
}

bool is_genuine(Headers headers, std::string_view body = kBody) {
    const auto signatures = both();
    const auto claims = signatures.claims_of(with(std::move(headers)));
    return claims && claims->any() && signatures.hold(*claims, body);
}

// Computed with `printf %s '...' | openssl dgst -sha256 -hmac ...`, not with our own code.
TEST(Signatures, AreThoseThatOpensslComputes) {
    EXPECT_EQ(meta("0123456789abcdef0123456789abcdef", "[]"),
              "sha256=ad12fdb13ff0ab86ff6c711867d7134adcf79d33f834a741be12988ff846b7e2");
    EXPECT_EQ(tiktok("0123456789abcdef0123456789abcdef", Clock::time_point{1'633'174'587s}, "[]"),
              "t=1633174587,s=ffbb5d8428becf0ddc9ff3a24ab6bc6483e7b8235dc1aa19f61e13910e83359a");
}

TEST(Signatures, OfAnyOfTheSecretsHold) {
    for (const auto secret : {kOldSecret, kNewSecret}) {
        EXPECT_TRUE(is_genuine({{"X-Hub-Signature-256", meta(secret)}}));
        EXPECT_TRUE(is_genuine({{"x-hub-signature-256", meta(secret)}}));
        EXPECT_TRUE(is_genuine({{"TikTok-Signature", tiktok(secret)}}));
    }
    EXPECT_TRUE(is_genuine(
        {{"TikTok-Signature", tiktok(kNewSecret)}, {"X-Hub-Signature-256", meta(kOldSecret)}}));
}

TEST(Signatures, OfTikTokHaveTheirMembersInAnyOrderWithBlanksAndOthers) {
    const auto plain = tiktok(kNewSecret);
    const auto comma = plain.find(',');
    const auto time = plain.substr(0, comma);
    const auto digest = plain.substr(comma + 1);
    for (const auto& header :
         {digest + "," + time, time + ", " + digest, digest + " ,\t" + time,
          "v=2," + time + "," + digest, time + ",s1=abc," + digest + ",x",
          time + ",," + digest + ",", "t = " + time.substr(2) + " , s = " + digest.substr(2)}) {
        EXPECT_TRUE(is_genuine({{"TikTok-Signature", header}})) << header;
    }
}

TEST(Signatures, OfAnotherSecretBodyOrTimeDoNotHold) {
    EXPECT_FALSE(is_genuine({{"X-Hub-Signature-256", meta("some-other-secret-here")}}));
    EXPECT_FALSE(
        is_genuine({{"X-Hub-Signature-256", meta(kNewSecret)}}, R"([{"eventId":"fb-2"}])"));
    EXPECT_FALSE(is_genuine({{"X-Hub-Signature-256", meta(kNewSecret)}}, ""));
    EXPECT_FALSE(is_genuine({{"TikTok-Signature", tiktok("some-other-secret-here")}}));
    EXPECT_FALSE(is_genuine({{"TikTok-Signature", tiktok(kNewSecret)}}, "[]"));
    auto later = tiktok(kNewSecret);
    later.replace(2, 10, std::to_string(Clock::to_time_t(kNow + 1s)));
    EXPECT_FALSE(is_genuine({{"TikTok-Signature", later}}));
}

TEST(Signatures, AllHaveToHold) {
    EXPECT_FALSE(is_genuine({{"TikTok-Signature", tiktok("some-other-secret-here")},
                             {"X-Hub-Signature-256", meta(kNewSecret)}}));
    EXPECT_FALSE(is_genuine({{"TikTok-Signature", tiktok(kNewSecret)},
                             {"X-Hub-Signature-256", meta("some-other-secret-here")}}));
}

TEST(Signatures, OfAPlatformWithoutASecretAreNoClaim) {
    const Signatures meta_only{
        {.meta_secrets = {config::Secret{std::string{kNewSecret}}}, .tiktok_secrets = {}}};
    EXPECT_TRUE(meta_only.asked_for());
    const auto claims = meta_only.claims_of(with({{"TikTok-Signature", "what ever"}}));
    ASSERT_TRUE(claims);
    EXPECT_FALSE(claims->any());
    EXPECT_FALSE(Signatures{{}}.asked_for());
}

TEST(Signatures, AreFreshForTheirWindowEitherWay) {
    const auto signatures = both();
    const auto claims = signatures.claims_of(with({{"TikTok-Signature", tiktok(kNewSecret)}}));
    ASSERT_TRUE(claims);
    for (const auto distance : {0ms, 299'999ms, 300'000ms}) {
        EXPECT_TRUE(signatures.is_fresh(*claims, kNow + distance)) << distance.count();
        EXPECT_TRUE(signatures.is_fresh(*claims, kNow - distance)) << distance.count();
    }
    EXPECT_FALSE(signatures.is_fresh(*claims, kNow + 300'001ms));
    EXPECT_FALSE(signatures.is_fresh(*claims, kNow - 300'001ms));
    const auto timeless = signatures.claims_of(with({{"X-Hub-Signature-256", meta(kNewSecret)}}));
    ASSERT_TRUE(timeless);
    EXPECT_TRUE(signatures.is_fresh(*timeless, kNow + 24h * 365));
}

TEST(Signatures, OfTheFarFutureAreNotFresh) {
    const auto signatures = both();
    const auto claims = signatures.claims_of(
        with({{"TikTok-Signature", "t=99999999999,s=" + std::string(64, 'a')}}));
    ASSERT_TRUE(claims);
    EXPECT_FALSE(signatures.is_fresh(*claims, kNow));
}

struct BadHeader {
    std::string name;
    Headers headers;

    friend std::ostream& operator<<(std::ostream& out, const BadHeader& c) { return out << c.name; }
};

class MalformedSignature : public ::testing::TestWithParam<BadHeader> {};

TEST_P(MalformedSignature, IsAnError) {
    const auto claims = both().claims_of(with(GetParam().headers));
    ASSERT_FALSE(claims);
    EXPECT_EQ(claims.error(), http::AuthFailure::malformed_signature);
}

const std::string kHex(64, 'a');

INSTANTIATE_TEST_SUITE_P(
    Headers, MalformedSignature,
    ::testing::Values(
        BadHeader{"MetaEmpty", {{"X-Hub-Signature-256", ""}}},
        BadHeader{"MetaWithoutPrefix", {{"X-Hub-Signature-256", kHex}}},
        BadHeader{"MetaSha1", {{"X-Hub-Signature-256", "sha1=" + kHex}}},
        BadHeader{"MetaShort", {{"X-Hub-Signature-256", "sha256=" + kHex.substr(1)}}},
        BadHeader{"MetaLong", {{"X-Hub-Signature-256", "sha256=" + kHex + "a"}}},
        BadHeader{"MetaNotHex", {{"X-Hub-Signature-256", "sha256=" + kHex.substr(1) + "g"}}},
        BadHeader{
            "MetaTwice",
            {{"X-Hub-Signature-256", "sha256=" + kHex}, {"X-Hub-Signature-256", "sha256=" + kHex}}},
        BadHeader{"TikTokEmpty", {{"TikTok-Signature", ""}}},
        BadHeader{"TikTokWithoutTime", {{"TikTok-Signature", "s=" + kHex}}},
        BadHeader{"TikTokWithoutDigest", {{"TikTok-Signature", "t=1"}}},
        BadHeader{"TikTokEmptyTime", {{"TikTok-Signature", "t=,s=" + kHex}}},
        BadHeader{"TikTokTimeNotANumber", {{"TikTok-Signature", "t=1x,s=" + kHex}}},
        BadHeader{"TikTokNegativeTime", {{"TikTok-Signature", "t=-1,s=" + kHex}}},
        BadHeader{"TikTokLongTime", {{"TikTok-Signature", "t=100000000000,s=" + kHex}}},
        BadHeader{"TikTokOtherNames", {{"TikTok-Signature", "T=1,S=" + kHex}}},
        BadHeader{"TikTokTwoTimes", {{"TikTok-Signature", "t=1,s=" + kHex + ",t=2"}}},
        BadHeader{"TikTokMore", {{"TikTok-Signature", "t=1,s=" + kHex + ",s=" + kHex}}}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace events::gateway
