#include "common/collector/envelope.hpp"

#include "common/events/time.hpp"
#include "common/http/correlation_id.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace events::collector {
namespace {

const auto kStored = *parse_timestamp("2026-03-01T10:00:00Z");

Envelope read(const std::map<std::string, std::string>& headers) {
    return read_envelope(
        [&](const char* name) -> std::optional<std::string_view> {
            const auto found = headers.find(name);
            if (found == headers.end()) return std::nullopt;
            return found->second;
        },
        kStored);
}

TEST(Envelope, HasWhatTheGatewaySays) {
    const auto envelope =
        read({{"X-Correlation-Id", "c-1"},
              {"X-Received-At", "2026-03-01T09:59:58.123456Z"},
              {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}});
    EXPECT_EQ(envelope.correlation_id, "c-1");
    EXPECT_EQ(format_timestamp(envelope.received_at), "2026-03-01T09:59:58.123456Z");
    EXPECT_EQ(envelope.trace.trace_id(), "0af7651916cd43dd8448eb211c80319c");
}

TEST(Envelope, OfAMessageWithoutHeadersHasTheBrokersTimeAndAnIdOfItsOwn) {
    const auto envelope = read({});
    EXPECT_TRUE(http::is_correlation_id(envelope.correlation_id));
    EXPECT_NE(envelope.correlation_id, read({}).correlation_id);
    EXPECT_EQ(envelope.received_at, kStored);
    EXPECT_TRUE(envelope.trace.empty());
}

struct IdCase {
    const char* name;
    std::string id;
};

class CorrelationIdOfAStranger : public ::testing::TestWithParam<IdCase> {};

TEST_P(CorrelationIdOfAStranger, IsReplaced) {
    const auto envelope = read({{"X-Correlation-Id", GetParam().id}});
    EXPECT_NE(envelope.correlation_id, GetParam().id);
    EXPECT_TRUE(http::is_correlation_id(envelope.correlation_id));
}

INSTANTIATE_TEST_SUITE_P(Ids, CorrelationIdOfAStranger,
                         ::testing::Values(IdCase{"Empty", ""},
                                           IdCase{"Long", std::string(129, 'a')},
                                           IdCase{"AMegabyte", std::string(1 << 20, 'a')},
                                           IdCase{"Blank", "a b"}, IdCase{"NotUtf8", "a\xff"},
                                           IdCase{"Quote", "a\"b"},
                                           IdCase{"Nul", std::string("a\0b", 3)}),
                         [](const auto& of) { return of.param.name; });

struct TimeCase {
    const char* name;
    const char* header;
    const char* received_at;
};

class ReceivedAt : public ::testing::TestWithParam<TimeCase> {};

TEST_P(ReceivedAt, IsNoTimeThatCanNotBe) {
    EXPECT_EQ(format_timestamp(read({{"X-Received-At", GetParam().header}}).received_at),
              GetParam().received_at);
}

INSTANTIATE_TEST_SUITE_P(
    Times, ReceivedAt,
    ::testing::Values(
        TimeCase{"LongInTheSpool", "2025-01-01T00:00:00Z", "2025-01-01T00:00:00.000000Z"},
        TimeCase{"BehindTheBrokersTime", "2026-03-01T10:30:00Z", "2026-03-01T10:00:00.000000Z"},
        TimeCase{"Tomorrow", "2026-03-02T10:00:00Z", "2026-03-01T10:00:00.000000Z"},
        TimeCase{"Year9999", "9999-12-31T23:59:59Z", "2026-03-01T10:00:00.000000Z"},
        TimeCase{"YearOne", "0001-01-01T00:00:00Z", "2026-03-01T10:00:00.000000Z"},
        TimeCase{"NoTime", "soon", "2026-03-01T10:00:00.000000Z"},
        TimeCase{"Empty", "", "2026-03-01T10:00:00.000000Z"}),
    [](const auto& of) { return of.param.name; });

}  // namespace
}  // namespace events::collector
