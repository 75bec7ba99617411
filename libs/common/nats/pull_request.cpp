#include "common/nats/pull_request.hpp"

#include <fmt/format.h>

namespace events::nats {

std::string pull_request_body(const PullSize& size, std::chrono::nanoseconds expires) {
    if (size.bytes == 0) {
        return fmt::format(R"({{"batch":{},"expires":{}}})", size.messages, expires.count());
    }
    return fmt::format(R"({{"batch":{},"max_bytes":{},"expires":{}}})", size.messages, size.bytes,
                       expires.count());
}

PullSize PullRequest::next_size(const PullSize& allowed) const noexcept {
    return alone_ ? PullSize{} : allowed;
}

void PullRequest::sent(const PullSize& size, Clock::time_point expiry) noexcept {
    ++number_;
    asked_ = size.messages;
    left_ = size.messages;
    expiry_ = expiry;
    alone_ = false;
}

void PullRequest::delivered() noexcept {
    if (left_ > 0) --left_;
}

bool PullRequest::ended(std::uint64_t number, End end) noexcept {
    if (number != number_ || !is_open()) return false;
    alone_ = end == End::too_large && left_ == asked_;
    left_ = 0;
    return true;
}

}  // namespace events::nats
