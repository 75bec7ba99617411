#include "common/http/trace_context.hpp"

#include "common/http/correlation_id.hpp"

#include <fmt/compile.h>

#include <algorithm>
#include <cstdint>

namespace events::http {
namespace {

// version "-" trace id "-" span id "-" flags
constexpr std::size_t kTraceId = 3;
constexpr std::size_t kTraceIdDigits = 32;
constexpr std::size_t kSpanId = 36;
constexpr std::size_t kSpanIdDigits = 16;
constexpr std::size_t kFlags = 53;
constexpr std::size_t kLength = 55;

constexpr bool is_digit(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool are_digits(std::string_view text) {
    return std::ranges::all_of(text, is_digit);
}

/// All zeros are no id.
bool is_id(std::string_view text) {
    return are_digits(text) && std::ranges::any_of(text, [](char c) { return c != '0'; });
}

bool is_well_formed(std::string_view text) {
    if (text.size() < kLength || text[kTraceId - 1] != '-' || text[kSpanId - 1] != '-' ||
        text[kFlags - 1] != '-') {
        return false;
    }
    const auto version = text.substr(0, 2);
    const auto length_fits = text.size() == kLength || (version != "00" && text[kLength] == '-');
    return length_fits && are_digits(version) && version != "ff" &&
           is_id(text.substr(kTraceId, kTraceIdDigits)) &&
           is_id(text.substr(kSpanId, kSpanIdDigits)) && are_digits(text.substr(kFlags, 2));
}

/// The lowest bit of the flags: the caller may have recorded the trace.
bool is_sampled(std::string_view traceparent) {
    const char low = traceparent[kFlags + 1];
    return ((low <= '9' ? low - '0' : low - 'a' + 10) & 1) != 0;
}

std::string make_span_id() {
    const auto id = random_bits();
    return fmt::format(FMT_COMPILE("{:016x}"), id == 0 ? 1 : id);
}

}  // namespace

TraceContext::TraceContext(std::string_view trace_id, std::string_view span_id, bool sampled)
    : text_{fmt::format(FMT_COMPILE("00-{}-{}-{}"), trace_id, span_id, sampled ? "01" : "00")} {}

TraceContext TraceContext::parse(std::string_view traceparent) {
    if (!is_well_formed(traceparent)) return {};
    return {traceparent.substr(kTraceId, kTraceIdDigits),
            traceparent.substr(kSpanId, kSpanIdDigits), is_sampled(traceparent)};
}

TraceContext TraceContext::start() {
    // Its own log lines are the record, so others are told that there is one.
    return {make_span_id() + make_span_id(), make_span_id(), true};
}

TraceContext TraceContext::continued() const {
    if (empty()) return {};
    return {trace_id(), make_span_id(), is_sampled(text_)};
}

std::string_view TraceContext::trace_id() const noexcept {
    return empty() ? std::string_view{} : std::string_view{text_}.substr(kTraceId, kTraceIdDigits);
}

std::string_view TraceContext::span_id() const noexcept {
    return empty() ? std::string_view{} : std::string_view{text_}.substr(kSpanId, kSpanIdDigits);
}

}  // namespace events::http
