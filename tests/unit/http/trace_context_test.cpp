#include "common/http/trace_context.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace events::http {
namespace {

// The example of the specification.
constexpr auto kTraceId = "0af7651916cd43dd8448eb211c80319c";
constexpr auto kSpanId = "b7ad6b7169203331";
const std::string kSampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceContext, ReadsATraceparent) {
    const auto trace = TraceContext::parse(kSampled);
    EXPECT_EQ(trace.trace_id(), kTraceId);
    EXPECT_EQ(trace.span_id(), kSpanId);
    EXPECT_EQ(trace.traceparent(), kSampled);
}

TEST(TraceContext, KeepsTheSampledFlagAndNoOther) {
    const auto with_flags = [](const std::string& flags) {
        return TraceContext::parse(kSampled.substr(0, 53) + flags).traceparent().substr(53);
    };
    EXPECT_EQ(with_flags("00"), "00");
    EXPECT_EQ(with_flags("01"), "01");
    EXPECT_EQ(with_flags("03"), "01");
    EXPECT_EQ(with_flags("fe"), "00");
    EXPECT_EQ(with_flags("ff"), "01");
}

TEST(TraceContext, TakesWhatItKnowsOfALaterVersion) {
    const auto later = "cc" + kSampled.substr(2);
    EXPECT_EQ(TraceContext::parse(later).traceparent(), kSampled);
    EXPECT_EQ(TraceContext::parse(later + "-what-the-future-brings").traceparent(), kSampled);
    EXPECT_TRUE(TraceContext::parse(later + ".what-the-future-brings").empty());
}

TEST(TraceContext, IsEmptyForWhatIsNotWellFormed) {
    const auto with = [](std::size_t place, const std::string& text) {
        auto changed = kSampled;
        return changed.replace(place, text.size(), text);
    };
    for (const auto& text : {
             std::string{},
             std::string{"00"},
             kSampled.substr(0, 54),
             kSampled + "0",
             kSampled + "-00",  // version 00 has no more parts
             with(0, "ff"),     // no such version
             with(0, "0G"),
             with(2, "_"),
             with(35, "_"),
             with(52, "_"),
             with(3, "0AF7"),  // capitals are not allowed
             with(36, "B7AD"),
             with(3, std::string(32, '0')),
             with(36, std::string(16, '0')),
             with(53, "0x"),
             std::string(55, '0'),
             with(10, std::string(1, '\0')),
             " " + kSampled,
         }) {
        const auto trace = TraceContext::parse(text);
        EXPECT_TRUE(trace.empty()) << text;
        EXPECT_EQ(trace.traceparent(), "");
        EXPECT_EQ(trace.trace_id(), "");
        EXPECT_EQ(trace.span_id(), "");
        EXPECT_TRUE(trace.continued().empty());
    }
}

TEST(TraceContext, ContinuesInASpanOfItsOwn) {
    const auto parent = TraceContext::parse(kSampled);
    const auto child = parent.continued();
    EXPECT_EQ(child.trace_id(), kTraceId);
    EXPECT_NE(child.span_id(), kSpanId);
    EXPECT_EQ(child.traceparent().substr(53), "01");
    EXPECT_EQ(TraceContext::parse(child.traceparent()).span_id(), child.span_id());
    EXPECT_NE(parent.continued().span_id(), child.span_id());
}

TEST(TraceContext, StartsTracesThatDiffer) {
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i) {
        const auto trace = TraceContext::start();
        EXPECT_EQ(TraceContext::parse(trace.traceparent()).traceparent(), trace.traceparent());
        ids.emplace(trace.trace_id());
        ids.emplace(trace.span_id());
    }
    EXPECT_EQ(ids.size(), 2000U);
}

}  // namespace
}  // namespace events::http
