#include "common/sources/source.hpp"

#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace events {
namespace {

using ::testing::ElementsAre;

const FieldSpec& field_of(Source source, std::string_view path) {
    return *std::ranges::find(source.fields(), path, &FieldSpec::path);
}

TEST(Source, HasItsNamesByRule) {
    EXPECT_EQ(kTikTok.name(), "tiktok");
    EXPECT_STREQ(kTikTok.stream(), "EVENTS_TIKTOK");
    EXPECT_STREQ(kTikTok.subject(), "events.tiktok");
    EXPECT_STREQ(kTikTok.dead_letter_subject(), "dead.tiktok");
    EXPECT_STREQ(kTikTok.durable(), "ttk-collector");
    EXPECT_EQ(kTikTok.table(), "tiktok_events");
}

TEST(Source, IsEqualToItselfAlone) {
    EXPECT_EQ(kFacebook, Source{facebook::kSpec});
    EXPECT_NE(kFacebook, kTikTok);
    EXPECT_LT(kFacebook, kTikTok);
}

TEST(Source, IsFoundByNameAndByNumber) {
    EXPECT_THAT(sources(), ElementsAre(kFacebook, kTikTok));
    EXPECT_EQ(find_source("tiktok"), kTikTok);
    EXPECT_EQ(find_source_of_number(0), kFacebook);
    EXPECT_FALSE(find_source("TikTok"));
    EXPECT_FALSE(find_source_of_number(2));
}

TEST(FieldSpec, KnowsItsColumnsType) {
    EXPECT_EQ(field_of(kFacebook, "user.name").sql_type(), "text");
    EXPECT_EQ(field_of(kFacebook, "user.gender").sql_type(), "text");
    EXPECT_EQ(field_of(kFacebook, "user.age").sql_type(), "smallint");
    EXPECT_EQ(field_of(kTikTok, "user.followers").sql_type(), "bigint");
    EXPECT_EQ(field_of(kFacebook, "engagement.actionTime").sql_type(), "timestamp with time zone");
    EXPECT_EQ(field_of(kTikTok, "engagement.purchaseAmount").sql_type(), "numeric(14,2)");
}

TEST(FieldSpec, KnowsItsKeyAndItsDimension) {
    const auto& country = field_of(kFacebook, "user.location.country");
    EXPECT_EQ(country.key(), "country");
    ASSERT_NE(country.dimension(), nullptr);
    EXPECT_EQ(country.dimension()->name, "country");
    EXPECT_EQ(field_of(kFacebook, "user.name").dimension(), nullptr);
}

TEST(FieldSpec, IsInTheRowsOfItsStage) {
    const auto& device = field_of(kTikTok, "engagement.device");
    EXPECT_TRUE(device.is_in(FunnelStage::top));
    EXPECT_FALSE(device.is_in(FunnelStage::bottom));
    EXPECT_FALSE(device.is_in_every_row());
    EXPECT_TRUE(field_of(kTikTok, "user.followers").is_in_every_row());
}

TEST(BySource, KeepsSomethingOfEach) {
    BySource<std::string> titles;
    for (const auto source : sources()) titles[source] = source.title();
    EXPECT_EQ(titles[kFacebook], "Facebook");
    EXPECT_EQ(titles[kTikTok], "TikTok");
}

}  // namespace
}  // namespace events
