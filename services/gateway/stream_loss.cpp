#include "gateway/stream_loss.hpp"

#include <algorithm>

namespace events::gateway {
namespace {

std::uint64_t excess(std::uint64_t value, std::uint64_t over) {
    return value - std::min(value, over);
}

/// What the consumer passed over. Both its figures come with one answer, and in a cluster from one
/// copy, so that a copy which is behind shows no loss.
std::uint64_t passed_over(const nats::StreamInfo& stream, const nats::ConsumerInfo& before,
                          const nats::ConsumerInfo& now) {
    if (before.created != now.created || now.deliveries < before.deliveries) return 0;
    // A new consumer begins with the stream's first message.
    const auto from = std::max(before.delivered_to, excess(stream.first_sequence, 1));
    return excess(excess(now.delivered_to, from), now.deliveries - before.deliveries);
}

}  // namespace

std::uint64_t lost_messages(const std::optional<StreamSnapshot>& before,
                            const std::optional<StreamSnapshot>& now, bool is_queue) {
    if (!before) return 0;
    if (!now || now->stream.created != before->stream.created) return before->stream.messages;
    if (!is_queue) return 0;
    if (before->consumer && now->consumer) {
        return passed_over(before->stream, *before->consumer, *now->consumer);
    }
    if (before->consumer || now->consumer) return 0;
    // The first sequence of a stream that never had a message is 0.
    const auto gone = excess(now->stream.first_sequence,
                             std::max<std::uint64_t>(before->stream.first_sequence, 1));
    const auto came = excess(now->stream.last_sequence, before->stream.last_sequence);
    return std::min(before->stream.messages + came, gone);
}

}  // namespace events::gateway
