#include "common/retention/retention_days.hpp"

#include "common/config/env_reader.hpp"
#include "common/events/time.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

namespace events::retention {
namespace {

using std::chrono::days;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Timestamp at(const char* text) {
    return parse_timestamp(text).value();
}

RetentionDays read(const std::map<std::string, std::string, std::less<>>& variables) {
    const config::Environment environment{variables};
    config::EnvReader reader{environment};
    auto read = read_days(reader);
    EXPECT_THAT(reader.problems(), IsEmpty());
    EXPECT_EQ(read.of(kTikTok), read_days_of(reader, kTikTok));
    return read;
}

TEST(RetentionDays, AreForEverUnlessSomebodySaysOtherwise) {
    for (const auto source : {kFacebook, kTikTok}) {
        EXPECT_EQ(read({}).of(source), std::nullopt);
        EXPECT_EQ(read({{"RETENTION_DAYS", ""}}).of(source), std::nullopt);
        EXPECT_EQ(read({{"RETENTION_DAYS", "30"}}).of(source), days{30});
    }
}

TEST(RetentionDays, OfASourceWin) {
    const auto both = read({{"RETENTION_DAYS", "30"}, {"RETENTION_DAYS_TIKTOK", "90"}});
    EXPECT_EQ(both.of(kFacebook), days{30});
    EXPECT_EQ(both.of(kTikTok), days{90});
    const auto one = read({{"RETENTION_DAYS_FACEBOOK", "7"}});
    EXPECT_EQ(one.of(kFacebook), days{7});
    EXPECT_EQ(one.of(kTikTok), std::nullopt);
}

TEST(RetentionDays, AreAWholeNumberWithoutAUnit) {
    for (const auto* text : {"0", "-1", "30d", "1.5", "a month", "36501", "30 days"}) {
        for (const auto* name : {"RETENTION_DAYS", "RETENTION_DAYS_FACEBOOK"}) {
            const config::Environment environment{{{name, text}}};
            config::EnvReader reader{environment};
            EXPECT_EQ(read_days(reader).of(kFacebook), std::nullopt);
            EXPECT_THAT(reader.problems(),
                        ElementsAre(HasSubstr(std::string{name} + ": \"" + text +
                                              "\" is not a whole number of days from 1")))
                << text;
        }
    }
}

TEST(RetentionDays, CountWholeDaysBeforeToday) {
    EXPECT_EQ(first_kept(at("2026-03-10T00:00:00Z"), std::nullopt), std::nullopt);
    EXPECT_EQ(first_kept(at("2026-03-10T00:00:00Z"), days{1}), at("2026-03-09T00:00:00Z"));
    EXPECT_EQ(first_kept(at("2026-03-10T23:59:59.999999Z"), days{1}), at("2026-03-09T00:00:00Z"));
    EXPECT_EQ(first_kept(at("2026-03-11T00:00:00Z"), days{1}), at("2026-03-10T00:00:00Z"));
    EXPECT_EQ(first_kept(at("2026-03-10T12:00:00Z"), days{36'500}), at("1926-04-04T00:00:00Z"));
}

TEST(RetentionDays, LimitTheTimestampsOfEachSource) {
    RetentionDays kept;
    kept.by_source[kFacebook] = days{1};
    const auto limits = limits_at(at("2026-03-10T12:00:00Z"), kept);
    EXPECT_FALSE(limits.is_too_old(kFacebook, at("2026-03-09T00:00:00Z")));
    EXPECT_TRUE(limits.is_too_old(kFacebook, at("2026-03-08T23:59:59.999999Z")));
    EXPECT_FALSE(limits.is_too_old(kTikTok, at("1970-01-01T00:00:00Z")));
}

}  // namespace
}  // namespace events::retention
