#include "reporter/negotiation.hpp"

#include <gtest/gtest.h>

namespace events::reporter {
namespace {

TEST(PrefersCsv, WhereItIsAskedFor) {
    for (const auto* accept :
         {"text/csv", "Text/CSV; charset=utf-8", "text/csv, application/json;q=0.9", "text/*",
          "application/json;q=0.1, text/csv;q=0.2", "*/*;q=0.1, text/csv"}) {
        EXPECT_TRUE(prefers_csv(accept)) << accept;
    }
}

TEST(PrefersCsv, NotOtherwise) {
    for (const auto* accept :
         {"", "*/*", "application/json", "text/html,application/xhtml+xml,*/*;q=0.8",
          "text/csv;q=0.5, application/json", "text/csv, application/json", "text/csv;q=0",
          "text/csv;q=x", "image/png", ",;,", "text/csv;q=0, text/*"}) {
        EXPECT_FALSE(prefers_csv(accept)) << accept;
    }
}

TEST(EntityTag, IsOfTheBytesAlone) {
    EXPECT_EQ(entity_tag("a"), entity_tag("a"));
    EXPECT_NE(entity_tag("a"), entity_tag("b"));
    EXPECT_TRUE(matches_tag(entity_tag("a"), entity_tag("a")));
    EXPECT_FALSE(matches_tag(entity_tag("a"), entity_tag("b")));
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
