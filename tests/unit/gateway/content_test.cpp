#include "gateway/content.hpp"

#include <gtest/gtest.h>

#include <optional>

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
    bool gzip;
};

class AcceptsContent : public ::testing::TestWithParam<Accepted> {};

TEST_P(AcceptsContent, OfThatType) {
    const auto& [type, encoding, format, gzip] = GetParam();
    const auto content = content_of(head_with(type, encoding));
    ASSERT_TRUE(content) << content.error();
    EXPECT_EQ(content->format, format);
    EXPECT_EQ(content->gzip, gzip);
}

INSTANTIATE_TEST_SUITE_P(
    Content, AcceptsContent,
    ::testing::Values(Accepted{"application/json", "identity", BodyFormat::json, false},
                      Accepted{"application/json; charset=utf-8", "gzip", BodyFormat::json, true},
                      Accepted{"Application/JSON;charset=\"UTF-8\"", "GZIP", BodyFormat::json,
                               true},
                      Accepted{"application/x-ndjson", "x-gzip", BodyFormat::ndjson, true},
                      Accepted{"application/x-ndjson ; foo=bar", "", BodyFormat::ndjson, false}));

TEST(Content, IsJsonWithoutAContentType) {
    const auto content = content_of(head_with(std::nullopt, std::nullopt));
    ASSERT_TRUE(content);
    EXPECT_EQ(content->format, BodyFormat::json);
}

struct Refused {
    const char* type;
    const char* encoding;
};

class RefusesContent : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusesContent, OfAnotherKind) {
    EXPECT_FALSE(content_of(head_with(GetParam().type, GetParam().encoding)));
}

INSTANTIATE_TEST_SUITE_P(Content, RefusesContent,
                         ::testing::Values(Refused{"text/plain", ""},
                                           Refused{"application/x-www-form-urlencoded", ""},
                                           Refused{"application/json; charset=latin1", ""},
                                           Refused{"application/jsonx", ""}, Refused{"", ""},
                                           Refused{"application/json", "br"},
                                           Refused{"application/json", "gzip, gzip"}));

}  // namespace
}  // namespace events::gateway
