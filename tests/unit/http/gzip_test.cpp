#include "common/http/gzip.hpp"

#include "support/zlib.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace events::http {
namespace {

RequestHead accepting(std::initializer_list<const char*> lines) {
    RequestHead head;
    for (const auto* line : lines) head.headers.emplace_back("accept-encoding", line);
    return head;
}

TEST(PrefersGzip, WhereItIsNamedOrAnythingGoes) {
    for (const auto* header :
         {"gzip", "GZIP", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8", "*", "deflate , gzip ;q=0.1",
          "gzip;q=1", "*;q=0, gzip", "identity;q=0.5, x-gzip", "gzip, identity", "*;q=0.1",
          "gzip;q=1.0, identity; q=0.5, *;q=0"}) {
        EXPECT_TRUE(prefers_gzip(accepting({header}))) << header;
    }
    EXPECT_TRUE(prefers_gzip(accepting({"br", "gzip"})));
}

TEST(PrefersGzip, NotWhereItIsAbsentRefusedOrLikedLess) {
    for (const auto* header :
         {"", "identity", "br, deflate", "gzip;q=0", "gzip; q=0.000, br", "*, gzip;q=0", "*;q=0",
          "gzipped", ",,;", "gzip;q=0.5, identity", "identity, *;q=0.5", "gzip;q=x"}) {
        EXPECT_FALSE(prefers_gzip(accepting({header}))) << header;
    }
    EXPECT_FALSE(prefers_gzip(accepting({})));
}

TEST(Pack, LeavesAloneWhatFitsIntoAPacket) {
    std::string small(1'399, 'x');
    EXPECT_FALSE(pack(small));
    EXPECT_EQ(small, std::string(1'399, 'x'));
}

TEST(Pack, GivesAGzipMember) {
    for (const std::size_t size : {1'400UL, 1'000'000UL}) {
        std::string text;
        while (text.size() < size) text += "{\"count\":" + std::to_string(text.size() * 7919) + "}";
        auto packed = text;
        ASSERT_TRUE(pack(packed));
        EXPECT_LT(packed.size(), text.size());
        EXPECT_EQ(test::gunzip(packed), text);
    }
}

TEST(Pack, TakesBytesThatDoNotShrink) {
    std::string noise;
    for (unsigned i = 0, x = 1; i < 5'000; ++i) {
        x = x * 1'664'525U + 1'013'904'223U;
        noise += static_cast<char>(x >> 24U);
    }
    auto packed = noise;
    ASSERT_TRUE(pack(packed));
    EXPECT_EQ(test::gunzip(packed), noise);
}

}  // namespace
}  // namespace events::http
