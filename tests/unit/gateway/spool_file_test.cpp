#include "gateway/spool_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace events::gateway {
namespace {

using ::testing::HasSubstr;

using SpooledHeaders = std::map<std::string, std::string>;

/// Why a file is refused; empty: it is not.
std::string refusal(std::string_view file) {
    try {
        (void)decode(file);
    } catch (const NotASpoolFile& error) {
        return error.what();
    }
    return "";
}

/// A file of two messages.
std::string two() {
    SpoolFileEncoder file;
    file.add("events.facebook", {{"a", "1"}, {"b", ""}}, std::string_view{"\0\n\xff", 3});
    file.add("events.tiktok", {}, "");
    file.end();
    return file.bytes();
}

constexpr std::size_t kMagic = 8;

/// Where a record ends that begins there.
std::size_t end_of_record(std::string_view file, std::size_t begin) {
    return begin + 8 + static_cast<unsigned char>(file[begin]);
}

TEST(SpoolFile, HoldsWhatWasWritten) {
    const auto messages = decode(two());
    ASSERT_EQ(messages.size(), 2U);
    EXPECT_EQ(messages[0].subject, "events.facebook");
    EXPECT_EQ(messages[0].headers, (SpooledHeaders{{"a", "1"}, {"b", ""}}));
    EXPECT_EQ(messages[0].payload, (std::string{"\0\n\xff", 3}));
    EXPECT_EQ(messages[0].place, 0U);
    EXPECT_EQ(messages[1].subject, "events.tiktok");
    EXPECT_TRUE(messages[1].headers.empty());
    EXPECT_TRUE(messages[1].payload.empty());
    EXPECT_EQ(messages[1].place, 1U);
}

// The form is told in spool_file.hpp and docs/spool.md, for others to read it.
TEST(SpoolFile, IsByteForByteAsItIsDescribed) {
    SpoolFileEncoder file;
    file.add("s", {{"n", "v"}}, "p");
    file.end();
    constexpr std::string_view kExpected{
        "evspool1"
        "\x15\0\0\0"
        "\xfe\x92\xb6\xfc"
        "M"
        "\1\0\0\0s"
        "\1\0\0\0"
        "\1\0\0\0n"
        "\1\0\0\0v"
        "p"
        "\x0d\0\0\0"
        "\x67\xce\xb8\x36"
        "E"
        "\1\0\0\0\0\0\0\0"
        "\x14\x48\xa4\x65",
        8 + 8 + 21 + 8 + 13};
    EXPECT_EQ(file.bytes(), kExpected);
}

TEST(SpoolFile, IsMadeInPortions) {
    SpoolFileEncoder file;
    std::string bytes;
    for (const auto* payload : {"a", "b", "c"}) {
        file.add("s", {}, payload);
        bytes += file.bytes();
        file.clear();
    }
    file.end();
    bytes += file.bytes();
    EXPECT_EQ(decode(bytes).size(), 3U);
}

TEST(SpoolFile, OfNoMessagesIsWholeAndOneOfNoBytesIsNot) {
    SpoolFileEncoder file;
    file.end();
    EXPECT_TRUE(decode(file.bytes()).empty());
    EXPECT_THAT(refusal(""), HasSubstr("empty"));
}

// Files had neither count nor checksum: one that was cut between two messages was published in part
// and removed.
TEST(SpoolFile, IsRefusedWhereverItIsCut) {
    const auto file = two();
    for (std::size_t size = 0; size < file.size(); ++size) {
        EXPECT_NE(refusal(file.substr(0, size)), "") << size;
    }
    EXPECT_THAT(refusal(file.substr(0, end_of_record(file, kMagic))),
                HasSubstr("ends after record 1"));
    EXPECT_THAT(refusal(file + '\0'), HasSubstr("behind its end"));
    EXPECT_THAT(refusal(file + file), HasSubstr("behind its end"));
}

TEST(SpoolFile, IsRefusedWhenASingleBitDiffers) {
    const auto file = two();
    for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
        auto damaged = file;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
        EXPECT_NE(refusal(damaged), "") << bit;
    }
}

TEST(SpoolFile, IsRefusedWhenARecordStandsInAnothersPlace) {
    const auto file = two();
    const auto second = end_of_record(file, kMagic);
    const auto end = end_of_record(file, second);
    const auto one = file.substr(kMagic, second - kMagic);
    const auto two = file.substr(second, end - second);
    const auto magic = file.substr(0, kMagic);
    const auto rest = file.substr(end);
    ASSERT_EQ(refusal(magic + one + two + rest), "");
    EXPECT_THAT(refusal(magic + two + one + rest), HasSubstr("other records"));
    EXPECT_THAT(refusal(magic + one + one + rest), HasSubstr("other records"));
    EXPECT_THAT(refusal(magic + one + rest), HasSubstr("counts other records"));
    EXPECT_THAT(refusal(magic + one + two + two + rest), HasSubstr("counts other records"));
    EXPECT_THAT(refusal(magic + rest), HasSubstr("counts other records"));
}

TEST(SpoolFile, IsRefusedWhenItClaimsMoreThanItHas) {
    const auto file = two();
    EXPECT_THAT(refusal("evspool1\xff\xff\xff\x7f" + file), HasSubstr("cut short"));
    EXPECT_NE(refusal("evspool2" + file.substr(kMagic)), "");
    EXPECT_NE(refusal(std::string(100, '\0')), "") << "as after a power cut";
}

}  // namespace
}  // namespace events::gateway
