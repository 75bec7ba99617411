#include "erase/search.hpp"

#include "common/segments/encode.hpp"
#include "common/segments/user_rows.hpp"
#include "common/sources/facebook.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>

namespace events::erase {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Against a count of the records: of users with UUIDs and others, of one event and of many.
TEST(RowsOf, AreThoseOfTheUserAndNoOthers) {
    std::mt19937 random{1};
    std::deque<std::string> ids;
    std::map<std::string_view, std::size_t> events;
    std::vector<segments::Record> records;
    for (int i = 0; i < 2'000; ++i) {
        const auto number = random() % 300;
        const auto& id =
            ids.emplace_back(number % 2 == 0 ? fmt::format("{:08x}-0000-4000-8000-000000000000",
                                                           number * 2654435761U)
                                             : fmt::format("user {}", number));
        ++events[id];
        records.push_back({.user_id = id, .occurred_at = Timestamp{std::chrono::microseconds{i}}});
    }
    auto encoded = segments::encode(kFacebook, records, {});
    ASSERT_TRUE(encoded);
    const auto segment =
        segments::Segment::decode(segments::blob_of(std::move(encoded->bytes))).value();
    for (const auto& [id, count] : events) {
        const auto rows = segments::rows_of(segment, segments::user_key(id));
        EXPECT_EQ(rows.end - rows.begin, count) << id;
        EXPECT_EQ(segment.user(rows.begin), segments::user_key(id));
    }
    for (const auto* nobody : {"user 300", "", "ffffffff-ffff-ffff-ffff-ffffffffffff",
                               "00000000-0000-0000-0000-000000000001"}) {
        EXPECT_TRUE(segments::rows_of(segment, segments::user_key(nobody)).empty()) << nobody;
    }
}

const postgres::PartitionState kAllTime{.source = kFacebook};

TEST(Conditions, AreTheBoundsWhereSegmentsDoNotTell) {
    const postgres::PartitionState day{.source = kFacebook, .first = 0, .until = 86'400'000'000};
    EXPECT_THAT(conditions(day, {}),
                ElementsAre("occurred_at >= '1970-01-01 00:00:00.000000+00' AND "
                            "occurred_at < '1970-01-02 00:00:00.000000+00'"));
    EXPECT_THAT(conditions(kAllTime, {}),
                ElementsAre("occurred_at >= '-infinity' AND occurred_at <= 'infinity'"));
}

TEST(Conditions, AreTimesWhereTheyDoAndNoneWhereThereIsNothing) {
    EXPECT_TRUE(conditions(kAllTime, {.is_known = true, .times = {}, .segments = {}}).empty());
    std::vector<std::int64_t> times(5'001);
    const auto all = conditions(kAllTime, {.is_known = true, .times = times, .segments = {}});
    ASSERT_EQ(all.size(), 2U);
    EXPECT_THAT(all.back(), HasSubstr("occurred_at = ANY ('{"));
    EXPECT_THAT(all.back(), HasSubstr("1970-01-01 00:00:00"));
}

}  // namespace
}  // namespace events::erase
