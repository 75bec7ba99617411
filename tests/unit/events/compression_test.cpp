#include "common/events/message_encoding.hpp"
#include "support/sample_events.hpp"

#include <gtest/gtest.h>

#include <zstd.h>

#include <random>
#include <string>

namespace events {
namespace {

constexpr std::size_t kMost = std::size_t{256} << 10;

std::string events_of(int count) {
    std::string payload;
    for (int i = 0; i < count; ++i) {
        append_line(payload, test::facebook_top("fb-" + std::to_string(i)));
    }
    return payload;
}

std::string compress(std::string_view plain) {
    std::string frame(ZSTD_compressBound(plain.size()), '\0');
    frame.resize(ZSTD_compress(frame.data(), frame.size(), plain.data(), plain.size(), 1));
    return frame;
}

/// As a pipe makes it, without the size at its beginning.
std::string compress_as_stream(std::string_view plain) {
    std::string frame(ZSTD_compressBound(plain.size()), '\0');
    auto* context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
    frame.resize(ZSTD_compress2(context, frame.data(), frame.size(), plain.data(), plain.size()));
    ZSTD_freeCCtx(context);
    return frame;
}

TEST(Compression, GivesBackWhatItTook) {
    Compressor compressor;
    Decompressor decompressor;
    for (const int count : {10, 100, 1, 50}) {
        const auto payload = events_of(count);
        const auto smaller = compressor.compress(payload);
        ASSERT_FALSE(smaller.empty()) << count;
        EXPECT_LT(smaller.size(), payload.size());
        const auto plain = decompressor.plain(smaller, kZstd, payload.size(), 64);
        ASSERT_TRUE(plain) << plain.error();
        EXPECT_EQ(*plain, payload);
        EXPECT_GE(plain->capacity(), payload.size() + 64);
    }
}

TEST(Compression, LeavesWhatWouldNotBeSmaller) {
    std::mt19937_64 random{7};
    std::string noise(5'000, '\0');
    for (auto& byte : noise) byte = static_cast<char>(random() % 256);
    Compressor compressor;
    for (const auto* text : {"", "{}"}) EXPECT_EQ(compressor.compress(text), "") << text;
    EXPECT_EQ(compressor.compress(noise), "");
}

TEST(Compression, TakesAPlainPayloadAsItIs) {
    // The bound is of what a compressed one may become.
    EXPECT_EQ(Decompressor{}.plain("[1]", "", 0).value(), "[1]");
    EXPECT_EQ(Decompressor{}.plain("[1]", "503", 0).value(), "[1]") << "nobody's word is taken";
}

TEST(Compression, ReadsWhatOtherProgramsMake) {
    const auto payload = events_of(20);
    Decompressor decompressor;
    EXPECT_EQ(decompressor.plain(compress_as_stream(payload), kZstd, kMost).value(), payload);
    EXPECT_EQ(decompressor.plain(compress(payload) + compress("\n{}"), kZstd, kMost).value(),
              payload + "\n{}");
}

TEST(Compression, IsBoundedWhateverAFrameClaims) {
    const std::string zeros(std::size_t{64} << 20, '0');
    Decompressor decompressor;
    for (const auto& bomb : {compress(zeros), compress_as_stream(zeros),
                             compress("1") + compress(std::string(kMost, '0'))}) {
        EXPECT_LT(bomb.size(), kMost);
        EXPECT_FALSE(decompressor.plain(bomb, kZstd, kMost));
    }
    EXPECT_EQ(decompressor.plain(compress(std::string(kMost, '0')), kZstd, kMost).value().size(),
              kMost);
    // Of a terabyte, its header says.
    const std::string liar{"\x28\xb5\x2f\xfd\xc0\x00\x00\x00\x00\x00\x00\x01\x00\x00\x01\x00\x00",
                           17};
    EXPECT_FALSE(decompressor.plain(liar, kZstd, kMost));
}

TEST(Compression, SaysWhatIsNotAsItsEncodingSays) {
    Decompressor decompressor;
    const auto whole = compress(events_of(5));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto cut = decompressor.plain(std::string_view{whole}.substr(0, size), kZstd, kMost);
        // Zero frames are no bytes.
        EXPECT_EQ(cut.has_value(), size == 0) << size;
    }
    EXPECT_NE(decompressor.plain(R"({"n":1})", kZstd, kMost).error().find("zstd"),
              std::string::npos);
    EXPECT_EQ(decompressor.plain(whole, kZstd, kMost).value(), events_of(5));
}

}  // namespace
}  // namespace events
