#include "gateway/inflate.hpp"

#include "support/zlib.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace events::gateway {
namespace {

using test::pack;
using test::ZlibFormat;

constexpr std::uint64_t kLimit = 1 << 20;

/// How a body is packed, and what its sender calls it.
struct Packing {
    const char* name;
    ZlibFormat format;
    Coding coding;

    friend std::ostream& operator<<(std::ostream& out, const Packing& p) { return out << p.name; }
};

class Inflate : public ::testing::TestWithParam<Packing> {
  protected:
    static std::string packed(std::string_view text) { return pack(text, GetParam().format); }
    static auto inflated(std::string_view data) { return inflate(data, GetParam().coding, kLimit); }
};

TEST_P(Inflate, GivesBackWhatWasPacked) {
    for (const std::size_t size : {0UL, 1UL, 1000UL, 300'000UL}) {
        std::string text;
        while (text.size() < size) text += "event " + std::to_string(text.size() * 7919) + "\n";
        text.resize(size);
        const auto result = inflated(packed(text));
        ASSERT_TRUE(result) << size;
        EXPECT_EQ(*result, text);
    }
}

TEST_P(Inflate, TakesExactlyTheLimitAndNotAByteMore) {
    const std::string text(kLimit, 'x');
    EXPECT_TRUE(inflated(packed(text)));
    const auto over = inflated(packed(text + "x"));
    ASSERT_FALSE(over);
    EXPECT_EQ(over.error(), InflateError::too_large);
}

TEST_P(Inflate, StopsABombBeforeItIsInflated) {
    const auto bomb = packed(std::string(64 << 20, '\0'));
    ASSERT_LT(bomb.size(), 200'000U);
    const auto result = inflated(bomb);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error(), InflateError::too_large);
}

TEST_P(Inflate, RefusesWhatIsNotWhole) {
    const auto good = packed("hello, hello, hello");
    for (const auto& bad : {std::string{}, std::string{"plain text"}, good.substr(0, 5),
                            good.substr(0, good.size() - 1), good + "rest"}) {
        const auto result = inflated(bad);
        ASSERT_FALSE(result) << bad.size();
        EXPECT_EQ(result.error(), InflateError::malformed);
    }
}

INSTANTIATE_TEST_SUITE_P(Packings, Inflate,
                         ::testing::Values(Packing{"Gzip", ZlibFormat::gzip, Coding::gzip},
                                           Packing{"Zlib", ZlibFormat::zlib, Coding::deflate},
                                           Packing{"Bare", ZlibFormat::bare, Coding::deflate}),
                         [](const auto& test) { return test.param.name; });

TEST(InflateGzip, ReadsSeveralMembersAsOne) {
    const auto result = inflate(pack("[1,") + pack("2]"), Coding::gzip, kLimit);
    ASSERT_TRUE(result);
    EXPECT_EQ(*result, "[1,2]");
}

TEST(InflateDeflate, KnowsNoSecondStream) {
    for (const auto format : {ZlibFormat::zlib, ZlibFormat::bare}) {
        const auto twice = pack("[1,", format) + pack("2]", format);
        EXPECT_FALSE(inflate(twice, Coding::deflate, kLimit));
    }
}

TEST(InflateAny, ChecksTheSumOfTheBytes) {
    auto gzip = pack("hello, hello, hello");
    gzip[gzip.size() - 6] ^= 1;
    EXPECT_FALSE(inflate(gzip, Coding::gzip, kLimit));
    auto zlib = pack("hello, hello, hello", ZlibFormat::zlib);
    zlib.back() ^= 1;
    EXPECT_FALSE(inflate(zlib, Coding::deflate, kLimit));
}

TEST(InflateAny, TakesNoFormatForAnother) {
    for (const auto format : {ZlibFormat::zlib, ZlibFormat::bare}) {
        EXPECT_FALSE(inflate(pack("[]", format), Coding::gzip, kLimit));
    }
    EXPECT_FALSE(inflate(pack("[]"), Coding::deflate, kLimit));
}

}  // namespace
}  // namespace events::gateway
