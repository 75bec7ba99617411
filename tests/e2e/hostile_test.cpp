// What a client may send that means no good, byte by byte, to the real gateway and the real
// reporter: each shape has its defined answer, and the daemon goes on. docs/security.md has the
// table.
#include "integration/http/raw_client.hpp"
#include "stack.hpp"
#include "support/sample_events.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace events::test {
namespace {

struct Shape {
    std::string name;
    std::string bytes;
    std::vector<unsigned> statuses;  ///< of the answers, in order
    bool closes = false;             ///< the connection, behind them
    std::string body = {};           ///< the beginning of the last answer's, where it matters

    friend std::ostream& operator<<(std::ostream& out, const Shape& shape) {
        return out << shape.name;
    }
};

std::string post(std::string_view headers, std::string_view body) {
    return "POST /events HTTP/1.1\r\nHost: x\r\n" + std::string{headers} + "\r\n" +
           std::string{body};
}

/// With its length.
std::string events_of(std::string_view body, std::string_view headers = {}) {
    return post(std::string{headers} + "Content-Length: " + std::to_string(body.size()) + "\r\n",
                body);
}

std::string get(std::string_view target, std::string_view headers = {}) {
    return "GET " + std::string{target} + " HTTP/1.1\r\nHost: x\r\n" + std::string{headers} +
           "\r\n";
}

std::string chunked(std::string_view chunks) {
    return post("Transfer-Encoding: chunked\r\n", chunks);
}

std::string replaced(std::string text, std::string_view old, std::string_view by) {
    return text.replace(text.find(old), old.size(), by);
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

const std::string kEvent = facebook_top("fb-hostile");
constexpr const char* kSaved = R"({"saved":1,"failed":0})";
constexpr const char* kFailed = R"({"saved":0,"failed":1,)";
const std::string kSmuggled = get("/liveness");

/// One daemon for all shapes: none of them leaves a trace.
class Hostile : public ::testing::TestWithParam<Shape> {
  protected:
    static void SetUpTestSuite() {
        stack_ = new Stack;
        stack_->start("gateway");
        stack_->start("fb-collector");  // makes the tables
        stack_->start("reporter");
    }
    static void TearDownTestSuite() {
        delete stack_;
        stack_ = nullptr;
    }

    static void expect_answers(const std::string& daemon) {
        const auto& shape = GetParam();
        RawClient client{stack_->port(daemon)};
        client.send(shape.bytes);
        std::string body;
        for (const auto status : shape.statuses) {
            const auto response = client.receive();
            ASSERT_TRUE(response.has_value());
            EXPECT_EQ(response->status, status) << response->body;
            body = response->body;
        }
        EXPECT_TRUE(body.starts_with(shape.body)) << body;
        if (shape.closes) {
            client.shut_write();
            EXPECT_TRUE(client.closed());
        } else {
            client.send(get("/liveness"));
            EXPECT_EQ(client.receive()->status, 200U) << "the connection is out of step";
        }
        EXPECT_EQ(stack_->get(daemon, "/liveness").status, 200U);
    }

    static Stack* stack_;
};

Stack* Hostile::stack_ = nullptr;

class Framing : public Hostile {};
TEST_P(Framing, HasItsAnswer) {
    expect_answers("gateway");
}
INSTANTIATE_TEST_SUITE_P(
    Gateway, Framing,
    ::testing::Values(
        Shape{"LengthAndCoding",
              post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + kSmuggled),
              {400},
              true},
        Shape{"CodingAndLength",
              post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n" + kSmuggled),
              {400},
              true},
        Shape{"TwoLengths",
              post("Content-Length: 2\r\nContent-Length: 3\r\n", "[]x" + kSmuggled),
              {400},
              true},
        Shape{"LengthWithPlus", post("Content-Length: +2\r\n", "[]" + kSmuggled), {400}, true},
        Shape{"LengthWithSpace", post("Content-Length: 2 2\r\n", "[]" + kSmuggled), {400}, true},
        Shape{"LengthOver64Bits",
              post("Content-Length: 18446744073709551618\r\n", "[]" + kSmuggled),
              {400},
              true},
        Shape{"CodingWithTab", chunked("2\r\n[]\r\n0\r\n\r\n"), {201}},
        Shape{"CodingInCapitals",
              post("Transfer-Encoding: \tCHUNKED \r\n", "2\r\n[]\r\n0\r\n\r\n"),
              {201}},
        Shape{"CodingWithAPrefix",
              post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n" + kSmuggled),
              {501},
              true},
        Shape{"CodingWithAnother",
              post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n" + kSmuggled),
              {501},
              true},
        Shape{"CodingWithVerticalTab",
              post("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n" + kSmuggled),
              {400},
              true},
        Shape{"CodingBeforeASpace",
              post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n" + kSmuggled),
              {400},
              true},
        Shape{"BareLineFeeds", "POST /events HTTP/1.1\nHost: x\n\n", {400}, true},
        Shape{"ChunkExtension", chunked("2;a=b;c=\"d\"\r\n[]\r\n0\r\n\r\n"), {201}},
        Shape{"ChunkSizeOver64Bits",
              chunked("10000000000000002\r\n[]\r\n0\r\n\r\n" + kSmuggled),
              {400},
              true},
        Shape{"ChunkSizeNegative", chunked("-2\r\n[]\r\n0\r\n\r\n" + kSmuggled), {400}, true},
        Shape{"ChunkSizeNotHex", chunked("0x2\r\n[]\r\n0\r\n\r\n" + kSmuggled), {400}, true},
        Shape{"ChunkWithoutItsEnd", chunked("2\r\n[]0\r\n\r\n" + kSmuggled), {400}, true},
        Shape{"ChunkLineWithoutEnd", chunked("2;" + std::string(20'000, 'a')), {400}, true},
        Shape{"TrailerWithoutEnd", chunked("0\r\n" + repeated("A: b\r\n", 3'000)), {400}, true},
        Shape{"FoldedField", get("/liveness", "A: b\r\n c\r\n"), {200}},
        Shape{"AbsoluteTarget", replaced(events_of("[]"), "/events", "http://y/events"), {201}},
        Shape{"AbsoluteTlsTarget", replaced(events_of("[]"), "/events", "https://y/events"), {201}},
        Shape{"GarbageBehind", events_of("[]") + "garbage\r\n\r\n", {201, 400}, true},
        Shape{"Pipelined", events_of("[]") + kSmuggled + events_of("[]"), {201, 200, 201}},
        Shape{"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400}, true},
        Shape{"TlsHello",
              std::string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11} +
                  std::string(506, '\x20'),
              {400},
              true},
        Shape{"Connect", "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", {400}, true},
        Shape{"Trace", replaced(get("/liveness"), "GET", "TRACE"), {405}},
        Shape{"ExpectContinue", events_of("[]", "Expect: 100-continue\r\n"), {201}},
        Shape{"ExpectSomethingElse",
              events_of("[]", "Expect: the-unexpected\r\n") + kSmuggled,
              {417},
              true},
        Shape{"Upgrade", get("/liveness", "Connection: upgrade\r\nUpgrade: websocket\r\n"), {200}},
        Shape{
            "LargeHeader", get("/liveness", "A: " + std::string(9'000, 'a') + "\r\n"), {431}, true},
        Shape{"ManyHeaders", get("/liveness", repeated("A: b\r\n", 5'000)), {431}, true},
        Shape{"LongTarget", get("/" + std::string(100'000, 'a')), {431}, true},
        Shape{"NulInTheTarget", get(std::string{"/live\0ness", 10}), {400}, true},
        Shape{"NulInAHeader", get("/liveness", std::string{"A: b\0c\r\n", 8}), {400}, true},
        Shape{"NotUtf8InAHeader", get("/liveness", "A: \xff\xfe\r\n"), {200}},
        Shape{"NotUtf8AsCorrelationId", get("/liveness", "X-Correlation-Id: \xff\r\n"), {200}}),
    [](const auto& tested) { return tested.param.name; });

class Bodies : public Hostile {};
TEST_P(Bodies, HaveTheirAnswer) {
    expect_answers("gateway");
}
INSTANTIATE_TEST_SUITE_P(
    Gateway, Bodies,
    ::testing::Values(
        Shape{"NotUtf8InAString", events_of(replaced(kEvent, "Ada", "\xff")), {400}},
        Shape{"NotUtf8InOneOfTwo",
              events_of("[" + replaced(kEvent, "Ada", "\xff") + "," + kEvent + "]"),
              {201},
              false,
              R"({"saved":1,"failed":1,)"},
        Shape{"NotUtf8InAKey", events_of(replaced(kEvent, "eventId", "\xc0\xaf")), {400}},
        Shape{
            "LoneSurrogate", events_of(replaced(kEvent, "Ada", "\\ud800")), {201}, false, kFailed},
        Shape{"NulInAString", events_of(replaced(kEvent, "Ada", "\\u0000")), {201}, false, kFailed},
        Shape{"RawNul", events_of(replaced(kEvent, "Ada", std::string_view{"\0", 1})), {400}},
        Shape{"DeepArrays", events_of(repeated("[", 1'000'000)), {400}},
        Shape{"DeepArraysThatEnd",
              events_of(repeated("[", 100'000) + repeated("]", 100'000)),
              {201},
              false,
              kFailed},
        Shape{"DeepObjects", events_of(repeated("{\"a\":", 200'000)), {400}},
        Shape{"DeepInAnEvent",
              events_of(replaced(kEvent, "{\"eventId\"",
                                 "{\"x\":" + repeated("[", 50'000) + repeated("]", 50'000) +
                                     ",\"eventId\"")),
              {201},
              false,
              kFailed},
        Shape{"RepeatedKeys",
              events_of(replaced(kEvent, "{", "{\"eventId\":\"another\",\"source\":\"tiktok\",")),
              {201},
              false,
              kSaved},
        Shape{"LongNumber",
              events_of(replaced(kEvent, ":36,", ":" + repeated("9", 200'000) + ",")),
              {201},
              false,
              kFailed},
        Shape{"LongFraction",
              events_of(replaced(kEvent, ":36,", ":0." + repeated("9", 200'000) + ",")),
              {201},
              false,
              kFailed},
        Shape{"HugeExponent",
              events_of(replaced(kEvent, "{", "{\"x\":1e999999999,")),
              {201},
              false,
              kSaved},
        Shape{"LargeEvent",
              events_of(replaced(kEvent, "{", "{\"x\":\"" + std::string(300'000, 'a') + "\",")),
              {201},
              false,
              kFailed},
        Shape{"ManyElements", events_of("[" + repeated("1,", 300'000) + "1]"), {400}},
        Shape{"NotGzip", events_of("[]", "Content-Encoding: gzip\r\n"), {400}},
        Shape{"TooLong", post("Content-Length: 52428801\r\n", ""), {413}, true}),
    [](const auto& tested) { return tested.param.name; });

class Queries : public Hostile {};
TEST_P(Queries, HaveTheirAnswer) {
    expect_answers("reporter");
}
INSTANTIATE_TEST_SUITE_P(
    Reporter, Queries,
    ::testing::Values(
        Shape{"NotUtf8", get("/reports/demographics?city=%ff%fe"), {400}},
        Shape{"NotUtf8Unescaped", get("/reports/demographics?city=\xff\xfe"), {400}},
        Shape{"NotUtf8AsAName", get("/reports/events?%ff=1"), {400}},
        Shape{"Nul", get("/reports/demographics?city=a%00b"), {400}},
        Shape{"BrokenEscape", get("/reports/events?from=%zz"), {400}},
        Shape{"ManyParameters", get("/reports/events?" + repeated("a=b&", 1'500)), {400}},
        Shape{"LongQuery", get("/reports/events?a=" + std::string(9'000, 'a')), {431}, true},
        Shape{"EveryDayOfEternity",
              get("/reports/events?from=-8640000000000000&to=8640000000000000&interval=day"),
              {400}},
        Shape{"EveryMinuteOfEternity",
              get("/reports/revenue?from=-8640000000000000&to=8640000000000000&interval=minute"),
              {400}},
        Shape{"NumberOver64Bits", get("/reports/events?from=99999999999999999999"), {400}},
        Shape{"Statement",
              get("/reports/revenue?campaignId=';DROP%20TABLE%20facebook_events;--"),
              {200}},
        Shape{"PathUpwards", get("/../../etc/passwd"), {404}},
        Shape{"EscapedPathUpwards", get("/%2e%2e/%2e%2e/etc/passwd"), {404}},
        Shape{"BodyOfAGet", get("/reports/events", "Content-Length: 5\r\n") + "hello", {413}}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace events::test
