#include "gateway/gunzip.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

namespace events::gateway {
namespace {

std::string gzip(const std::string& text) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8,
                           Z_DEFAULT_STRATEGY),
              Z_OK);
    std::string output(deflateBound(&stream, text.size()) + 64, '\0');
    std::string input = text;
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(output.data());
    stream.avail_out = static_cast<uInt>(output.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    output.resize(stream.total_out);
    deflateEnd(&stream);
    return output;
}

constexpr std::uint64_t kLimit = 1 << 20;

TEST(Gunzip, GivesBackWhatWasPacked) {
    for (const std::size_t size : {0UL, 1UL, 1000UL, 300'000UL}) {
        std::string text;
        while (text.size() < size) text += "event " + std::to_string(text.size() * 7919) + "\n";
        text.resize(size);
        const auto result = gunzip(gzip(text), kLimit);
        ASSERT_TRUE(result) << size;
        EXPECT_EQ(*result, text);
    }
}

TEST(Gunzip, ReadsSeveralMembersAsOne) {
    const auto result = gunzip(gzip("[1,") + gzip("2]"), kLimit);
    ASSERT_TRUE(result);
    EXPECT_EQ(*result, "[1,2]");
}

TEST(Gunzip, TakesExactlyTheLimitAndNotAByteMore) {
    const std::string text(kLimit, 'x');
    EXPECT_TRUE(gunzip(gzip(text), kLimit));
    const auto over = gunzip(gzip(text + "x"), kLimit);
    ASSERT_FALSE(over);
    EXPECT_EQ(over.error(), GunzipError::too_large);
}

TEST(Gunzip, StopsABombBeforeItIsInflated) {
    const auto bomb = gzip(std::string(64 << 20, '\0'));
    ASSERT_LT(bomb.size(), 200'000U);
    const auto result = gunzip(bomb, kLimit);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error(), GunzipError::too_large);
}

TEST(Gunzip, RefusesWhatIsNotWholeGzip) {
    const auto good = gzip("hello, hello, hello");
    auto wrong_checksum = good;
    wrong_checksum[wrong_checksum.size() - 6] ^= 1;
    for (const auto& bad : {std::string{}, std::string{"plain text"}, good.substr(0, 5),
                            good.substr(0, good.size() - 1), good + "rest", wrong_checksum}) {
        const auto result = gunzip(bad, kLimit);
        ASSERT_FALSE(result) << bad.size();
        EXPECT_EQ(result.error(), GunzipError::malformed);
    }
}

}  // namespace
}  // namespace events::gateway
