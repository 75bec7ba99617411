#include "common/http/correlation_id.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace events::http {
namespace {

std::uint64_t milliseconds_of(const std::string& uuid) {
    return std::stoull(uuid.substr(0, 8) + uuid.substr(9, 4), nullptr, 16);
}

std::uint64_t now_in_milliseconds() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                          std::chrono::system_clock::now().time_since_epoch())
                                          .count());
}

TEST(CorrelationId, TakesLettersDigitsAndFourMarksUpToItsLength) {
    EXPECT_TRUE(is_correlation_id("a"));
    EXPECT_TRUE(is_correlation_id("AZaz09._:-"));
    EXPECT_TRUE(is_correlation_id(std::string(128, 'x')));
    EXPECT_FALSE(is_correlation_id(""));
    EXPECT_FALSE(is_correlation_id(std::string(129, 'x')));
}

TEST(CorrelationId, RefusesWhatCouldBreakALogLineOrAHeader) {
    for (const auto* text : {"a b", "a\"b", "a\nb", "a/b", "a,b", "\xC3\xA4", "a\x7F", "a{b}"}) {
        EXPECT_FALSE(is_correlation_id(text)) << text;
    }
    EXPECT_FALSE(is_correlation_id(std::string_view{"a\0b", 3}));
}

TEST(UuidV7, HasTheLayoutOfRfc9562) {
    for (int i = 0; i < 1'000; ++i) {
        const auto uuid = make_uuid_v7();
        ASSERT_EQ(uuid.size(), 36U);
        for (std::size_t at = 0; at < uuid.size(); ++at) {
            const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
            if (dash) {
                ASSERT_EQ(uuid[at], '-') << uuid;
            } else {
                ASSERT_NE(std::string{"0123456789abcdef"}.find(uuid[at]), std::string::npos)
                    << uuid;
            }
        }
        EXPECT_EQ(uuid[14], '7') << "the version";
        EXPECT_NE(std::string{"89ab"}.find(uuid[19]), std::string::npos) << "the variant: " << uuid;
        EXPECT_TRUE(is_correlation_id(uuid));
    }
}

TEST(UuidV7, BeginsWithTheTimeInMilliseconds) {
    const auto before = now_in_milliseconds();
    const auto uuid = make_uuid_v7();
    const auto after = now_in_milliseconds();
    EXPECT_GE(milliseconds_of(uuid), before);
    EXPECT_LE(milliseconds_of(uuid), after);
}

TEST(UuidV7, DiffersBetweenCallsAndThreads) {
    constexpr std::size_t kEach = 2'000;
    std::vector<std::vector<std::string>> made(4);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : made) {
            threads.emplace_back([&mine] {
                for (std::size_t i = 0; i < kEach; ++i) mine.push_back(make_uuid_v7());
            });
        }
    }
    std::set<std::string> all;
    for (const auto& mine : made) all.insert(mine.begin(), mine.end());
    EXPECT_EQ(all.size(), made.size() * kEach);
}

}  // namespace
}  // namespace events::http
