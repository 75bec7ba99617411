#pragma once

#include <string_view>

namespace events::logging {

/// What tells one request's lines from all others', in every daemon: a log field of its own,
/// written as `correlationId` and, where the sender traces, `traceId` and `spanId`.
struct RequestIds {
    std::string_view correlation_id;
    std::string_view trace_id = {};
    std::string_view span_id = {};
};

}  // namespace events::logging
