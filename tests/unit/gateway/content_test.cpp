#include "gateway/content.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>

namespace events::gateway {
namespace {

http::RequestHead head_with(std::optional<std::string> type, std::optional<std::string> encoding) {
    http::RequestHead head;
    if (type) head.headers.emplace_back("Content-Type", *type);
    if (encoding) head.headers.emplace_back("Content-Encoding", *encoding);
    return head;
}

struct Accepted {
    const char* type;
    const char* encoding;
    BodyFormat format;
    Coding coding;

    friend std::ostream& operator<<(std::ostream& out, const Accepted& c) {
        return out << c.type << ' ' << c.encoding;
    }
};

class AcceptsContent : public ::testing::TestWithParam<Accepted> {};

TEST_P(AcceptsContent, OfThatType) {
    const auto& [type, encoding, format, coding] = GetParam();
    const auto content = content_of(head_with(type, encoding));
    ASSERT_TRUE(content) << content.error().detail;
    EXPECT_EQ(content->format, format);
    EXPECT_EQ(content->coding, coding);
}

constexpr auto kJson = BodyFormat::json;
constexpr auto kNdjson = BodyFormat::ndjson;
constexpr auto kPlain = Coding::identity;

INSTANTIATE_TEST_SUITE_P(
    Types, AcceptsContent,
    ::testing::Values(Accepted{"application/json", "identity", kJson, kPlain},  //
                      Accepted{"", "", kJson, kPlain}, Accepted{"text/json", "", kJson, kPlain},
                      Accepted{"application/cloudevents+json", "", kJson, kPlain},
                      Accepted{"application/vnd.api+JSON; charset=utf-8", "", kJson, kPlain},
                      Accepted{"application/cloudevents-batch+json;a=b", "", kJson, kPlain},
                      Accepted{"application/x-ndjson", "", kNdjson, kPlain},
                      Accepted{"application/x-ndjson ; foo=bar", "", kNdjson, kPlain},
                      Accepted{"application/ndjson", "", kNdjson, kPlain},
                      Accepted{"Application/NDJSON", "", kNdjson, kPlain},
                      Accepted{"application/jsonl", "", kNdjson, kPlain},
                      Accepted{"application/x-jsonl", "", kNdjson, kPlain},
                      Accepted{"application/jsonlines", "", kNdjson, kPlain},
                      Accepted{"application/x-jsonlines", "", kNdjson, kPlain},
                      Accepted{"application/stream+json", "", kNdjson, kPlain}));

INSTANTIATE_TEST_SUITE_P(
    Charsets, AcceptsContent,
    ::testing::Values(Accepted{"Application/JSON;charset=\"UTF-8\"", "", kJson, kPlain},
                      Accepted{"application/json; charset=utf8", "", kJson, kPlain},
                      Accepted{"application/json; charset='utf-8'", "", kJson, kPlain},
                      Accepted{"application/json; charset=UTF_8", "", kJson, kPlain},
                      Accepted{"application/json; charset=us-ascii", "", kJson, kPlain},
                      Accepted{"application/json; charset=ASCII", "", kJson, kPlain},
                      Accepted{"application/json; charset=ANSI_X3.4-1968", "", kJson, kPlain},
                      Accepted{"application/json; charset = utf-8 ", "", kJson, kPlain},
                      Accepted{"application/json; charset=", "", kJson, kPlain},
                      Accepted{"application/json;", "", kJson, kPlain},
                      Accepted{"application/json; a=\"b;charset=latin1\"", "", kJson, kPlain},
                      Accepted{"application/x-ndjson; boundary=x; charset=Utf8", "", kNdjson,
                               kPlain}));

INSTANTIATE_TEST_SUITE_P(
    Codings, AcceptsContent,
    ::testing::Values(Accepted{"application/json; charset=utf-8", "gzip", kJson, Coding::gzip},
                      Accepted{"application/json", "GZIP", kJson, Coding::gzip},
                      Accepted{"application/x-ndjson", "x-gzip", kNdjson, Coding::gzip},
                      Accepted{"application/json", "deflate", kJson, Coding::deflate},
                      Accepted{"application/json", "Deflate, identity", kJson, Coding::deflate},
                      Accepted{"application/json", " identity , gzip ,", kJson, Coding::gzip}));

TEST(Content, IsJsonWithoutAContentType) {
    const auto content = content_of(head_with(std::nullopt, std::nullopt));
    ASSERT_TRUE(content);
    EXPECT_EQ(content->format, BodyFormat::json);
}

struct Refused {
    const char* type;
    const char* encoding;
    const char* header;
    const char* taken;  ///< stands in it

    friend std::ostream& operator<<(std::ostream& out, const Refused& c) {
        return out << c.type << ' ' << c.encoding;
    }
};

class RefusesContent : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusesContent, OfAnotherKindAndNamesWhatIsTaken) {
    const auto content = content_of(head_with(GetParam().type, GetParam().encoding));
    ASSERT_FALSE(content);
    EXPECT_EQ(content.error().header, GetParam().header);
    EXPECT_NE(content.error().taken.find(GetParam().taken), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Types, RefusesContent,
    ::testing::Values(Refused{"text/plain", "", "Accept", "application/json"},
                      Refused{"application/x-www-form-urlencoded", "", "Accept", "x-ndjson"},
                      Refused{"application/jsonx", "", "Accept", "+json"},
                      Refused{"application/+json", "", "Accept", "jsonl"},
                      Refused{"cloudevents+json", "", "Accept", "jsonl"},
                      Refused{"json", "", "Accept", "jsonl"},
                      Refused{";charset=utf-8", "", "Accept", "jsonl"},
                      Refused{"application/json; charset=latin1", "", "Accept", "json"},
                      Refused{"application/json; charset=utf-16", "", "Accept", "json"},
                      Refused{"application/json; charset=utf-8; charset=x", "", "Accept", "json"}));

INSTANTIATE_TEST_SUITE_P(
    Codings, RefusesContent,
    ::testing::Values(Refused{"application/json", "br", "Accept-Encoding", "gzip, deflate"},
                      Refused{"application/json", "zstd", "Accept-Encoding", "gzip, deflate"},
                      Refused{"application/json", "gzip, gzip", "Accept-Encoding", "gzip"},
                      Refused{"application/json", "deflate, gzip", "Accept-Encoding", "gzip"}));

TEST(Content, MayBePackedOnceOnly) {
    auto head = head_with("application/json", "gzip");
    head.headers.emplace_back("content-encoding", "identity");
    EXPECT_EQ(content_of(head)->coding, Coding::gzip);
    head.headers.emplace_back("content-encoding", "deflate");
    EXPECT_FALSE(content_of(head));
}

}  // namespace
}  // namespace events::gateway
