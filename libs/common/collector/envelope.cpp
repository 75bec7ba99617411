#include "common/collector/envelope.hpp"

#include "common/clock/comparison.hpp"
#include "common/events/time.hpp"
#include "common/http/correlation_id.hpp"
#include "common/nats/topology.hpp"

#include <string>

namespace events::collector {
namespace {

std::string correlation_id(const HeaderLookup& header) {
    const auto id = header(nats::headers::kCorrelationId);
    return id && http::is_correlation_id(*id) ? std::string{*id} : http::make_uuid_v7();
}

Timestamp received_at(const HeaderLookup& header, Timestamp stored_at) {
    const auto text = header(nats::headers::kReceivedAt);
    const auto time = text ? parse_timestamp(*text) : std::nullopt;
    if (!time || *time < Timestamp{}) return stored_at;
    return clock::reception_time(*time, stored_at);
}

http::TraceContext trace(const HeaderLookup& header) {
    const auto parent = header(nats::headers::kTraceparent);
    return parent ? http::TraceContext::parse(*parent).continued() : http::TraceContext{};
}

}  // namespace

Envelope read_envelope(const HeaderLookup& header, Timestamp stored_at) {
    return {.correlation_id = correlation_id(header),
            .received_at = received_at(header, stored_at),
            .trace = trace(header)};
}

}  // namespace events::collector
