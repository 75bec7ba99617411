#include "common/crypto/digest.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace events::crypto {
namespace {

TEST(Sha256, IsThatOfFips180) {
    EXPECT_EQ(to_hex(sha256("")),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/// RFC 4231, section 4; its case 5 is of a truncated output, which we have not.
struct HmacCase {
    std::string name;
    std::string key;
    std::string data;
    std::string expected;

    friend std::ostream& operator<<(std::ostream& out, const HmacCase& c) { return out << c.name; }
};

std::string counting_from_one(int length) {
    std::string text;
    for (int i = 1; i <= length; ++i) text += static_cast<char>(i);
    return text;
}

class Rfc4231 : public ::testing::TestWithParam<HmacCase> {};

TEST_P(Rfc4231, GivesTheDigest) {
    const auto& test = GetParam();
    EXPECT_EQ(to_hex(hmac_sha256(test.key, {test.data})), test.expected);
}

TEST_P(Rfc4231, GivesTheSameWhereverTheDataIsCut) {
    const auto& test = GetParam();
    const std::string_view data{test.data};
    for (std::size_t cut = 0; cut <= data.size(); ++cut) {
        EXPECT_EQ(to_hex(hmac_sha256(test.key, {data.substr(0, cut), "", data.substr(cut)})),
                  test.expected);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Vectors, Rfc4231,
    ::testing::Values(
        HmacCase{"Case1", std::string(20, '\x0b'), "Hi There",
                 "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        HmacCase{"Case2", "Jefe", "what do ya want for nothing?",
                 "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        HmacCase{"Case3", std::string(20, '\xaa'), std::string(50, '\xdd'),
                 "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        HmacCase{"Case4", counting_from_one(25), std::string(50, '\xcd'),
                 "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        HmacCase{"Case6", std::string(131, '\xaa'),
                 "Test Using Larger Than Block-Size Key - Hash Key First",
                 "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        HmacCase{"Case7", std::string(131, '\xaa'),
                 "This is a test using a larger than block-size key and a larger than block-size "
                 "data. The key needs to be hashed before being used by the HMAC algorithm.",
                 "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"}),
    [](const auto& test) { return test.param.name; });

TEST(HmacSha256, TakesAnEmptyKey) {
    EXPECT_EQ(to_hex(hmac_sha256("", {""})),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Equal, SeesADifferenceInAnyBit) {
    const auto digest = sha256("abc");
    EXPECT_TRUE(equal(digest, sha256("abc")));
    for (std::size_t bit = 0; bit < 8 * digest.size(); ++bit) {
        auto other = digest;
        other.at(bit / 8) ^= static_cast<unsigned char>(1U << (bit % 8));
        EXPECT_FALSE(equal(digest, other)) << bit;
    }
}

TEST(ParseHex, TakesExactlySixtyFourDigitsOfEitherCase) {
    const auto digest = sha256("abc");
    auto text = to_hex(digest);
    EXPECT_EQ(parse_hex(text), digest);
    for (auto& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_EQ(parse_hex(text), digest);
    for (const auto& bad :
         {std::string{}, text + "0", text.substr(1), text.substr(2), "0x" + text.substr(2),
          "+1" + text.substr(2), " 1" + text.substr(2), text.substr(0, 63) + "g"}) {
        EXPECT_EQ(parse_hex(bad), std::nullopt) << bad;
    }
}

}  // namespace
}  // namespace events::crypto
