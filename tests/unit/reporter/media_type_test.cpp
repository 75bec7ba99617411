#include "reporter/media_type.hpp"

#include <gtest/gtest.h>

namespace events::reporter {
namespace {

TEST(PrefersCsv, WhenItIsAskedFor) {
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

}  // namespace
}  // namespace events::reporter
