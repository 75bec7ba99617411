#include "common/http/auth.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace events::http {
namespace {

using ::testing::ElementsAre;
using Headers = std::vector<std::pair<std::string, std::string>>;

const std::vector<config::Secret> kKeys{config::Secret{"old-key-0123456789"},
                                        config::Secret{"new-key-0123456789"}};

RequestHead with(Headers headers) {
    RequestHead head;
    head.headers = std::move(headers);
    return head;
}

struct ProofCase {
    std::string name;
    Headers headers;
    Proof expected;

    friend std::ostream& operator<<(std::ostream& out, const ProofCase& c) { return out << c.name; }
};

class JudgeKeys : public ::testing::TestWithParam<ProofCase> {};

TEST_P(JudgeKeys, GivesTheProof) {
    const KeyRing ring{kKeys};
    EXPECT_EQ(judge_keys(with(GetParam().headers), ring, "X-API-Key"), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Headers, JudgeKeys,
    ::testing::Values(
        ProofCase{"Nothing", {}, Proof::none},
        ProofCase{"OtherHeaders", {{"Host", "old-key-0123456789"}}, Proof::none},
        ProofCase{"Bearer", {{"Authorization", "Bearer old-key-0123456789"}}, Proof::right},
        ProofCase{"TheOtherKey", {{"Authorization", "Bearer new-key-0123456789"}}, Proof::right},
        ProofCase{"AnyCase", {{"authorization", "bEARER  new-key-0123456789"}}, Proof::right},
        ProofCase{"ApiKey", {{"x-api-key", "new-key-0123456789"}}, Proof::right},
        ProofCase{"TooShort", {{"X-API-Key", "new-key-012345678"}}, Proof::wrong},
        ProofCase{"TooLong", {{"X-API-Key", "new-key-01234567890"}}, Proof::wrong},
        ProofCase{"OtherCase", {{"X-API-Key", "NEW-KEY-0123456789"}}, Proof::wrong},
        ProofCase{"Empty", {{"X-API-Key", ""}}, Proof::none},
        ProofCase{"BearerOfNothing", {{"Authorization", "Bearer"}}, Proof::none},
        ProofCase{"EmptyBesideABearer",
                  {{"X-API-Key", ""}, {"Authorization", "Bearer new-key-0123456789"}},
                  Proof::right},
        ProofCase{"BearerOfNothingBesideAKey",
                  {{"Authorization", "Bearer "}, {"X-API-Key", "new-key-0123456789"}},
                  Proof::right},
        ProofCase{"EmptyBesideAWrongOne",
                  {{"X-API-Key", ""}, {"Authorization", "Bearer something-else-0123"}},
                  Proof::wrong},
        ProofCase{"NotTheScheme", {{"Authorization", "BearerX new-key-0123456789"}}, Proof::none},
        ProofCase{"AnotherScheme", {{"Authorization", "Basic bmV3LWtleQ=="}}, Proof::none},
        ProofCase{"AnotherSchemeAndAKey",
                  {{"Authorization", "Basic bmV3LWtleQ=="}, {"X-API-Key", "new-key-0123456789"}},
                  Proof::right},
        ProofCase{"OneRightOneWrong",
                  {{"X-API-Key", "new-key-0123456789"}, {"X-API-Key", "something-else-0123"}},
                  Proof::wrong},
        ProofCase{
            "OneWrongOneRight",
            {{"Authorization", "Bearer something-else-0123"}, {"X-API-Key", "new-key-0123456789"}},
            Proof::wrong}),
    [](const auto& test) { return test.param.name; });

TEST(JudgeKeys, KnowsOneHeaderOnlyWhereNoOtherIsNamed) {
    const KeyRing ring{kKeys};
    EXPECT_EQ(judge_keys(with({{"X-API-Key", "new-key-0123456789"}}), ring), Proof::none);
    EXPECT_EQ(judge_keys(with({{"Authorization", "Bearer new-key-0123456789"}}), ring),
              Proof::right);
}

TEST(KeyRing, WithoutKeysHoldsNone) {
    const KeyRing ring{{}};
    EXPECT_TRUE(ring.empty());
    EXPECT_FALSE(ring.holds(""));
}

TEST(HeaderValues, AreAllOfThatName) {
    EXPECT_THAT(header_values(with({{"X-A", "1"}, {"X-B", "2"}, {"x-a", "3"}}), "X-A"),
                ElementsAre("1", "3"));
}

TEST(Unauthorized, IsAProblemThatNamesTheScheme) {
    const auto response = unauthorized("A key is needed.", "abc");
    EXPECT_EQ(response.status, 401U);
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_THAT(response.headers, ::testing::Contains(std::pair<std::string, std::string>{
                                      "WWW-Authenticate", "Bearer"}));
    const auto body = nlohmann::json::parse(response.body);
    EXPECT_EQ(body.at("detail"), "A key is needed.");
    EXPECT_EQ(body.at("correlationId"), "abc");
}

}  // namespace
}  // namespace events::http
