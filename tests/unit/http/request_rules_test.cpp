#include "common/http/request_rules.hpp"

#include <gtest/gtest.h>

namespace events::http {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

RequestHead head_with(Headers headers) {
    RequestHead head;
    head.target = head.path = "/events";
    head.headers = std::move(headers);
    return head;
}

struct RuleCase {
    const char* name;
    unsigned version;
    Headers headers;
    unsigned status;  ///< 0: not refused
};

class RefuseByProtocol : public ::testing::TestWithParam<RuleCase> {};

TEST_P(RefuseByProtocol, AnswersWithTheStatusOfTheRule) {
    const auto refusal = refuse_by_protocol(head_with(GetParam().headers), GetParam().version);
    EXPECT_EQ(refusal ? refusal->status : 0U, GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, RefuseByProtocol,
    ::testing::Values(
        RuleCase{"Plain", 11, {{"Host", "a"}}, 0}, RuleCase{"NoHost", 11, {}, 400},
        RuleCase{"NoHostInHttp10", 10, {}, 0},
        RuleCase{"TwoHosts", 11, {{"Host", "a"}, {"host", "b"}}, 400},
        RuleCase{"TwoHostsInHttp10", 10, {{"Host", "a"}, {"host", "b"}}, 400},
        RuleCase{"Chunked", 11, {{"Host", "a"}, {"Transfer-Encoding", "Chunked"}}, 0},
        RuleCase{"Gzip", 11, {{"Host", "a"}, {"Transfer-Encoding", "gzip"}}, 501},
        RuleCase{"GzipChunked", 11, {{"Host", "a"}, {"Transfer-Encoding", "gzip, chunked"}}, 501},
        RuleCase{"ChunkedGzip", 11, {{"Host", "a"}, {"Transfer-Encoding", "chunked, gzip"}}, 501},
        RuleCase{"NearlyChunked", 11, {{"Host", "a"}, {"Transfer-Encoding", "xchunked"}}, 501},
        RuleCase{"EmptyCoding", 11, {{"Host", "a"}, {"Transfer-Encoding", ""}}, 501},
        RuleCase{"TwoCodings",
                 11,
                 {{"Host", "a"}, {"Transfer-Encoding", "gzip"}, {"transfer-encoding", "chunked"}},
                 501},
        RuleCase{"LengthAndCoding",
                 11,
                 {{"Host", "a"}, {"Content-Length", "3"}, {"Transfer-Encoding", "chunked"}},
                 400},
        RuleCase{"LengthAndGzip",
                 11,
                 {{"Host", "a"}, {"Transfer-Encoding", "gzip"}, {"Content-Length", "3"}},
                 400},
        RuleCase{"CodingInHttp10", 10, {{"Transfer-Encoding", "chunked"}}, 400},
        RuleCase{"Continue", 11, {{"Host", "a"}, {"Expect", "100-Continue"}}, 0},
        RuleCase{"OtherExpectation", 11, {{"Host", "a"}, {"Expect", "a-miracle"}}, 417},
        RuleCase{"ExpectationInHttp10", 10, {{"Expect", "a-miracle"}}, 0}),
    [](const auto& tested) { return tested.param.name; });

TEST(RefuseByProtocol, WantsAPath) {
    auto head = head_with({{"Host", "a"}});
    head.path.clear();
    EXPECT_EQ(refuse_by_protocol(head, 11)->status, 400U);
}

TEST(ExpectsContinue, OnlyInHttp11) {
    const auto head = head_with({{"Expect", "100-continue"}});
    EXPECT_TRUE(expects_continue(head, 11));
    EXPECT_FALSE(expects_continue(head, 10));
    EXPECT_FALSE(expects_continue(head_with({}), 11));
}

struct TargetCase {
    const char* name;
    const char* target;
    bool ok;
    const char* path;
    const char* query;
};

class SplitTarget : public ::testing::TestWithParam<TargetCase> {};

TEST_P(SplitTarget, FindsPathAndQuery) {
    RequestHead head;
    head.target = GetParam().target;
    EXPECT_EQ(split_target(head), GetParam().ok);
    EXPECT_EQ(head.path, GetParam().path);
    EXPECT_EQ(head.query, GetParam().query);
    EXPECT_EQ(head.target, GetParam().target);
}

INSTANTIATE_TEST_SUITE_P(
    Targets, SplitTarget,
    ::testing::Values(TargetCase{"Path", "/events", true, "/events", ""},
                      TargetCase{"Root", "/", true, "/", ""},
                      TargetCase{"Query", "/reports/events?from=1&to=%20", true, "/reports/events",
                                 "from=1&to=%20"},
                      TargetCase{"EmptyQuery", "/events?", true, "/events", ""},
                      TargetCase{"TwoMarks", "/events?a=?", true, "/events", "a=?"},
                      TargetCase{"Absolute", "http://host:80/events?x=1", true, "/events", "x=1"},
                      TargetCase{"AbsoluteTls", "https://host/events?x=1", true, "/events", "x=1"},
                      TargetCase{"AbsoluteTlsAnyCase", "HtTpS://host:443/events", true, "/events",
                                 ""},
                      TargetCase{"AbsoluteTlsWithoutPath", "https://host", true, "/", ""},
                      TargetCase{"OnlyTheTlsScheme", "https://", false, "", ""},
                      TargetCase{"AbsoluteUpperCase", "HTTP://host/events", true, "/events", ""},
                      TargetCase{"AbsoluteWithoutPath", "http://host", true, "/", ""},
                      TargetCase{"AbsoluteQueryOnly", "http://host?x=1", true, "/", "x=1"},
                      TargetCase{"OnlyAScheme", "http://", false, "", ""},
                      TargetCase{"Asterisk", "*", false, "", ""},
                      TargetCase{"Authority", "host:80", false, "", ""},
                      TargetCase{"OtherScheme", "ftp://host/events", false, "", ""}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace events::http
