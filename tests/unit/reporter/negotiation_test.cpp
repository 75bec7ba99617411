#include "reporter/negotiation.hpp"

#include <gtest/gtest.h>

namespace events::reporter {
namespace {

TEST(AcceptsGzip, WhereItIsNamedOrAnythingGoes) {
    for (const auto* header :
         {"gzip", "GZIP", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8", "*", "deflate , gzip ;q=0.1",
          "gzip;q=1", "*;q=0, gzip", "identity, x-gzip"}) {
        EXPECT_TRUE(accepts_gzip(header)) << header;
    }
}

TEST(AcceptsGzip, NotWhereItIsAbsentOrRefused) {
    for (const auto* header : {"", "identity", "br, deflate", "gzip;q=0", "gzip; q=0.000, br",
                               "*, gzip;q=0", "*;q=0", "gzipped", ",,;"}) {
        EXPECT_FALSE(accepts_gzip(header)) << header;
    }
}

TEST(MatchesTag, InAnyPlaceOfTheListWeakOrStrong) {
    for (const auto* header :
         {R"("a")", R"("b", "a")", R"(W/"a")", R"( "x" ,W/"a",)", "*", " * "}) {
        EXPECT_TRUE(matches_tag(header, R"("a")")) << header;
    }
}

TEST(MatchesTag, NotAnotherOnesTag) {
    for (const auto* header : {"", "a", R"("A")", R"("a-gzip")", R"("b,"a"")", R"(w/"a")"}) {
        EXPECT_FALSE(matches_tag(header, R"("a")")) << header;
    }
}

}  // namespace
}  // namespace events::reporter
