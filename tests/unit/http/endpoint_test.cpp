#include "common/http/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace events::http {
namespace {

using ::testing::HasSubstr;

struct GoodCase {
    const char* name;
    const char* url;
    const char* host;
    std::uint16_t port;
    const char* target;
};

class ParseEndpoint : public ::testing::TestWithParam<GoodCase> {};

TEST_P(ParseEndpoint, ReadsHostPortAndTarget) {
    const auto endpoint = parse_endpoint(GetParam().url);
    ASSERT_TRUE(endpoint.has_value()) << endpoint.error();
    EXPECT_EQ(endpoint->host, GetParam().host);
    EXPECT_EQ(endpoint->port, GetParam().port);
    EXPECT_EQ(endpoint->target, GetParam().target);
}

INSTANTIATE_TEST_SUITE_P(
    Urls, ParseEndpoint,
    ::testing::Values(
        GoodCase{"Usual", "http://127.0.0.1:3001/events", "127.0.0.1", 3001, "/events"},
        GoodCase{"NoPort", "http://gateway/events", "gateway", 80, "/events"},
        GoodCase{"EmptyPort", "http://gateway:/events", "gateway", 80, "/events"},
        GoodCase{"NoPath", "http://gateway:8080", "gateway", 8080, "/"},
        GoodCase{"OnlyAQuery", "http://gateway?x=1", "gateway", 80, "/?x=1"},
        GoodCase{"Query", "http://gateway/a/b?x=%20&y", "gateway", 80, "/a/b?x=%20&y"},
        GoodCase{"UpperCaseScheme", "HTTP://gateway/", "gateway", 80, "/"},
        GoodCase{"Ipv6", "http://[::1]:3001/events", "::1", 3001, "/events"},
        GoodCase{"HighestPort", "http://gateway:65535/", "gateway", 65535, "/"}),
    [](const auto& tested) { return tested.param.name; });

struct BadCase {
    const char* name;
    const char* url;
    const char* why;
};

class RefuseEndpoint : public ::testing::TestWithParam<BadCase> {};

TEST_P(RefuseEndpoint, SaysWhatIsWrong) {
    const auto endpoint = parse_endpoint(GetParam().url);
    ASSERT_FALSE(endpoint.has_value());
    EXPECT_THAT(endpoint.error(), HasSubstr(GetParam().why));
}

INSTANTIATE_TEST_SUITE_P(
    Urls, RefuseEndpoint,
    ::testing::Values(BadCase{"Https", "https://gateway/events", "https"},
                      BadCase{"OtherScheme", "ftp://gateway/events", "scheme"},
                      BadCase{"NoScheme", "gateway/events", "does not look like"},
                      BadCase{"HostAndPortOnly", "127.0.0.1:3001", "does not look like"},
                      BadCase{"Empty", "", "does not look like"},
                      BadCase{"NoHost", "http:///events", "no host"},
                      BadCase{"NoAuthority", "http:/events", "no host"},
                      BadCase{"User", "http://me:secret@gateway/", "user"},
                      BadCase{"Fragment", "http://gateway/#x", "fragment"},
                      BadCase{"PortTooLarge", "http://gateway:65536/", "port"},
                      BadCase{"PortZero", "http://gateway:0/", "port"},
                      BadCase{"PortNotANumber", "http://gateway:http/", "port"},
                      BadCase{"Space", "http://gate way/", "does not look like"},
                      BadCase{"EscapedSpace", "http://gate%20way/", "host is not one"},
                      BadCase{"Wildcard", "http://*:3001/events", "host is not one"}),
    [](const auto& tested) { return tested.param.name; });

TEST(EndpointError, DoesNotRepeatAPassword) {
    for (const auto* url : {"http://me:secret@gateway/", "https://me:secret@gateway/"}) {
        EXPECT_THAT(parse_endpoint(url).error(), ::testing::Not(HasSubstr("secret"))) << url;
    }
}

TEST(ClientResponse, FindsAHeaderInAnyCase) {
    const ClientResponse response{.status = 200, .body = "", .headers = {{"Retry-After", "5"}}};
    EXPECT_EQ(response.header("retry-after"), "5");
    EXPECT_EQ(response.header("allow"), "");
}

}  // namespace
}  // namespace events::http
