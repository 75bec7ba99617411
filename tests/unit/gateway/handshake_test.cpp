#include "gateway/handshake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace events::gateway {
namespace {

const std::string kToken = "hub.verify_token=agreed-on-0123456789";

Expected<std::string, HandshakeError> ask(const std::string& query) {
    const std::vector secrets{config::Secret{"agreed-on-0123456789"}};
    return take_challenge(query, http::KeyRing{secrets});
}

TEST(Handshake, GivesTheChallengeAsItIs) {
    EXPECT_EQ(ask("hub.mode=subscribe&hub.challenge=1158201444&" + kToken), "1158201444");
    EXPECT_EQ(ask(kToken + "&hub.challenge=%3Cb%3E&hub.mode=subscribe&more=1"), "<b>");
    const std::string longest(256, 'x');
    EXPECT_EQ(ask("hub.mode=subscribe&" + kToken + "&hub.challenge=" + longest), longest);
}

TEST(Handshake, RefusesAnotherTokenWhateverTheRestIs) {
    for (const auto* query :
         {"", "hub.mode=subscribe&hub.challenge=1", "hub.verify_token=",
          "hub.mode=subscribe&hub.challenge=1&hub.verify_token=agreed-on-012345678",
          "hub.challenge=%0D%0A&hub.verify_token=another"}) {
        const auto challenge = ask(query);
        ASSERT_FALSE(challenge) << query;
        EXPECT_EQ(challenge.error(), HandshakeError::wrong_token) << query;
    }
}

TEST(Handshake, RefusesWhatIsNone) {
    for (const std::string query :
         {"", "&hub.mode=subscribe", "&hub.mode=subscribe&hub.challenge=",
          "&hub.mode=unsubscribe&hub.challenge=1", "&hub.challenge=1",
          "&hub.mode=subscribe&hub.challenge=a%0D%0Ab", "&hub.mode=subscribe&hub.challenge=a+b",
          "&hub.mode=subscribe&hub.challenge=%C3%A9", "&hub.mode=subscribe&hub.challenge=%00",
          "&hub.mode=subscribe&hub.challenge=1&hub.challenge=2",
          "&hub.mode=subscribe&hub.challenge=%zz"}) {
        const auto challenge = ask(kToken + query);
        ASSERT_FALSE(challenge) << query;
        EXPECT_EQ(challenge.error(), HandshakeError::malformed) << query;
    }
    const std::string too_long(257, 'x');
    EXPECT_FALSE(ask("hub.mode=subscribe&" + kToken + "&hub.challenge=" + too_long));
}

TEST(Handshake, AnswersWithATextThatIsNothingElse) {
    using Header = std::pair<std::string, std::string>;
    const auto response = challenge_response("<script>alert(1)</script>");
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.body, "<script>alert(1)</script>");
    EXPECT_EQ(response.content_type, "text/plain; charset=utf-8");
    EXPECT_THAT(response.headers,
                ::testing::IsSupersetOf({Header{"X-Content-Type-Options", "nosniff"},
                                         Header{"Cache-Control", "no-store"}}));
}

}  // namespace
}  // namespace events::gateway
