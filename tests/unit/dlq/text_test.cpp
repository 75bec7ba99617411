#include "dlq/text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace events::dlq {
namespace {

TEST(Printable, LeavesTextAsItIs) {
    EXPECT_EQ(printable(R"({"name":"Zoë \u00fc 日本 🙂"})"),
              R"({"name":"Zoë \u00fc 日本 🙂"})");
}

TEST(Printable, DisarmsEscapeSequences) {
    EXPECT_EQ(printable("\x1b[2J\x1b]0;title\x07"), "\\x1b[2J\\x1b]0;title\\x07");
    EXPECT_EQ(printable("a\rb\nc\x7f"), "a\\x0db\\x0ac\\x7f");
    EXPECT_EQ(printable("\xc2\x9b"
                        "31m"),
              "\\u{009b}31m")
        << "C1's CSI, in UTF-8";
    EXPECT_EQ(printable("\x9b"
                        "31m"),
              "\\x9b31m")
        << "C1's CSI, as a byte";
    EXPECT_EQ(printable("\xe2\x80\xae"
                        "gnp.exe"),
              "\\u{202e}gnp.exe")
        << "right to left";
    EXPECT_EQ(printable("\xef\xbb\xbf"), "\\u{feff}");
}

TEST(Printable, ShowsBytesThatAreNotUtf8) {
    EXPECT_EQ(printable("a\xff"), "a\\xff");
    EXPECT_EQ(printable("\xc3"), "\\xc3") << "cut";
    EXPECT_EQ(printable("\xe6\x97"), "\\xe6\\x97") << "cut";
    EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
    EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf") << "too long a form";
}

TEST(Printable, LetsNoControlThroughWhateverComes) {
    std::mt19937 random{20'261'122};
    std::uniform_int_distribution<int> byte{0, 255};
    for (int round = 0; round < 2'000; ++round) {
        std::string text(64, '\0');
        std::ranges::generate(text, [&] { return static_cast<char>(byte(random)); });
        const auto shown = printable(text);
        EXPECT_TRUE(is_utf8(shown));
        for (std::size_t i = 0; i < shown.size(); ++i) {
            const auto c = static_cast<unsigned char>(shown[i]);
            EXPECT_TRUE(c >= 0x20 && c != 0x7F);
            const bool is_c1 = c == 0xC2 && static_cast<unsigned char>(shown[i + 1]) < 0xA0;
            EXPECT_FALSE(is_c1);
        }
    }
}

TEST(Abridged, ShowsTheBeginning) {
    EXPECT_EQ(abridged("abc", 3), "abc");
    EXPECT_EQ(abridged("abcd", 3), "ab…");
    EXPECT_EQ(abridged("日本語日本", 4), "日本語…");
    EXPECT_EQ(abridged("🙂🙂🙂🙂🙂", 4), "🙂🙂🙂…");
    EXPECT_EQ(abridged("", 3), "");
    EXPECT_EQ(characters(abridged(std::string(1'000'000, '\x1b'), 20)), 20U);
}

}  // namespace
}  // namespace events::dlq
