#include "dlq/letter_json.hpp"

#include "common/events/time.hpp"
#include "dlq/base64.hpp"
#include "dlq/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <random>

namespace events::dlq {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Letter letter_of(std::string raw) {
    Letter letter;
    letter.sequence = 18'446'744'073'709'551'615U;
    letter.subject = "dead.gateway";
    letter.failed_at = parse_timestamp("2026-03-01T12:00:00.000001Z").value();
    letter.code = "missing_field";
    letter.reason = "data.user.name is missing";
    letter.path = "data.user.name";
    letter.correlation_id = "c-1";
    letter.bytes = raw.size();
    letter.raw = std::move(raw);
    return letter;
}

TEST(Export, HasEveryField) {
    auto cut = letter_of(R"({"a":"ü"})");
    cut.original_bytes = 300'000;
    EXPECT_EQ(export_line(cut, Charset::utf8),
              R"({"sequence":18446744073709551615,"subject":"dead.gateway",)"
              R"("failedAt":"2026-03-01T12:00:00.000001Z","code":"missing_field",)"
              R"("reason":"data.user.name is missing","path":"data.user.name",)"
              R"("correlationId":"c-1","originalBytes":300000,"raw":"{\"a\":\"ü\"}"})");
    EXPECT_THAT(export_line(cut, Charset::ascii), HasSubstr(R"(\u00fc)"));
}

TEST(Export, HasTheTraceWhereThereIsOne) {
    auto traced = letter_of("{}");
    EXPECT_THAT(export_line(traced, Charset::utf8), Not(HasSubstr("traceparent")));
    traced.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    EXPECT_THAT(
        export_line(traced, Charset::utf8),
        HasSubstr(R"("traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")"));
}

TEST(Export, ShowsNoBytesInAList) {
    const auto line = list_line(letter_of("a\x1b[2J"), Charset::utf8);
    EXPECT_THAT(line, HasSubstr(R"("bytes":5,"start":"a\\x1b[2J")"));
    EXPECT_THAT(line, Not(HasSubstr("raw")));
}

/// Bytes of every kind: mostly text, now and then anything.
std::string random_bytes(std::mt19937& random) {
    const bool any = random() % 2 == 0;
    std::string bytes(random() % 300, '\0');
    std::ranges::generate(bytes, [&] { return static_cast<char>(random() % (any ? 256 : 128)); });
    if (random() % 4 == 0) bytes += "é\\u00e9日本🙂\xc2\x9b";
    return bytes;
}

TEST(Export, GivesEveryByteBackWhateverTheyAre) {
    std::mt19937 random{1'122};
    int as_text = 0;
    for (int round = 0; round < 3'000; ++round) {
        const auto raw = random_bytes(random);
        for (const auto charset : {Charset::utf8, Charset::ascii}) {
            const auto line = export_line(letter_of(raw), charset);
            EXPECT_EQ(line.find('\n'), std::string::npos);
            const auto back = parse_export_line(line);
            ASSERT_TRUE(back) << back.error();
            EXPECT_EQ(back->raw, raw);
            EXPECT_EQ(back->sequence, letter_of({}).sequence);
            EXPECT_EQ(back->failed_at, "2026-03-01T12:00:00.000001Z");
        }
        as_text += is_utf8(raw) ? 1 : 0;
    }
    EXPECT_GT(as_text, 500);
    EXPECT_LT(as_text, 2'500);
}

TEST(Export, RefusesLinesThatAPersonBroke) {
    for (const auto* line :
         {"", "x", "[]", "{}", R"({"sequence":1})", R"({"sequence":0,"raw":""})",
          R"({"sequence":"1","raw":""})", R"({"sequence":-1,"raw":""})",
          R"({"sequence":1,"raw":1})", R"({"sequence":1,"raw":"","rawBase64":""})",
          R"({"sequence":1,"rawBase64":"=A=="})", R"({"sequence":1,"rawBase64":"AB="})",
          "{\"sequence\":1,\"raw\":\"\xff\"}", R"({"sequence":1,"raw":"\ud800"})"}) {
        EXPECT_FALSE(parse_export_line(line)) << line;
    }
    EXPECT_TRUE(parse_export_line(R"({"sequence":1,"raw":"x"})"));
}

// What stood behind the NUL was not read, and the correction in it forgotten.
TEST(Export, RefusesALineWithANul) {
    const std::string line{R"({"sequence":1,"raw":"x"})"};
    EXPECT_FALSE(parse_export_line(line + '\0'));
    EXPECT_FALSE(parse_export_line(line + '\0' + line));
    EXPECT_FALSE(parse_export_line('\0' + line));
}

TEST(Base64, IsThatOfRfc4648) {
    for (const auto& [bytes, text] :
         std::initializer_list<std::pair<const char*, const char*>>{{"", ""},
                                                                    {"f", "Zg=="},
                                                                    {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},
                                                                    {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="},
                                                                    {"foobar", "Zm9vYmFy"},
                                                                    {"\xfb\xff", "+/8="}}) {
        EXPECT_EQ(to_base64(bytes), text);
        EXPECT_EQ(from_base64(text), bytes);
    }
    for (const auto* wrong :
         {"Z", "Zg", "Zg=", "Zh==", "Z===", "====", "Zg==Zg==", "Zm9 ", "Zm9-"}) {
        EXPECT_FALSE(from_base64(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace events::dlq
