#include "common/nats/dead_letter.hpp"

#include "common/events/time.hpp"
#include "common/nats/topology.hpp"

#include <fmt/compile.h>
#include <xxhash.h>

#include <algorithm>
#include <memory>

namespace events::nats {
namespace {

/// X-Path where no single field is to blame; JSONPath's name of the root. An empty header would
/// swallow the one behind it (see docs/inside/common-errors.md).
constexpr std::string_view kWholeEvent = "$";

}  // namespace

std::string message_id(std::initializer_list<std::string_view> parts) {
    const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state{XXH3_createState(),
                                                                         &XXH3_freeState};
    XXH3_128bits_reset(state.get());
    for (const auto part : parts) {
        // The length keeps {"ab", "c"} and {"a", "bc"} apart.
        const auto size = static_cast<std::uint64_t>(part.size());
        XXH3_128bits_update(state.get(), &size, sizeof size);
        XXH3_128bits_update(state.get(), part.data(), part.size());
    }
    const auto hash = XXH3_128bits_digest(state.get());
    return fmt::format(FMT_COMPILE("{:016x}{:016x}"), hash.high64, hash.low64);
}

std::string_view payload_of(const DeadLetter& letter,
                            std::span<const HeaderField> fields) noexcept {
    const auto taken = std::min(header_bytes(fields), letter.max_payload);
    return letter.raw.substr(0, std::min(kMaxMessageBytes, letter.max_payload - taken));
}

std::vector<HeaderField> headers_of(const DeadLetter& letter,
                                    std::chrono::system_clock::time_point now) {
    std::vector<HeaderField> fields{
        {headers::kMessageId,
         message_id({letter.subject, letter.code, letter.path, letter.discriminator, letter.raw})},
        {headers::kReasonCode, std::string{letter.code}},
        {headers::kReason, std::string{letter.reason}},
        {headers::kPath, std::string{letter.path.empty() ? kWholeEvent : letter.path}},
        {headers::kCorrelationId, std::string{letter.correlation_id}},
        {headers::kTraceparent, std::string{letter.traceparent}},
        {headers::kFailedAt,
         format_timestamp(std::chrono::time_point_cast<std::chrono::microseconds>(now))},
    };
    if (letter.received_at) {
        fields.push_back({headers::kReceivedAt, format_timestamp(*letter.received_at)});
    }
    if (payload_of(letter, fields).size() < letter.raw.size()) {
        fields.push_back({headers::kOriginalBytes, std::to_string(letter.raw.size())});
    }
    return fields;
}

}  // namespace events::nats
