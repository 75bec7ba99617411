#include "common/nats/pull_credit.hpp"

#include <algorithm>
#include <utility>

namespace events::nats {

std::size_t PullCredit::wanted(std::size_t window) const noexcept {
    return outstanding_ * 2 < window ? window - outstanding_ : 0;
}

void PullCredit::requested(std::size_t messages, Clock::time_point expiry) {
    requests_.push_back({messages, expiry});
    asked_ += messages;
    outstanding_ += messages;
}

void PullCredit::delivered() noexcept {
    if (outstanding_ > 0) --outstanding_;
    if (outstanding_ == 0) clear();  // every request is filled
}

bool PullCredit::ended(std::uint64_t request, std::optional<std::size_t> unsent) noexcept {
    if (request < first_ || request >= next_request()) return false;
    auto& ended = requests_[request - first_];
    if (ended.messages == 0) return false;
    if (unsent) outstanding_ -= std::min(*unsent, outstanding_);
    drop(ended);
    forget_ended();
    if (outstanding_ == 0) clear();
    return true;
}

void PullCredit::clear() noexcept {
    first_ = next_request();
    requests_.clear();
    asked_ = 0;
    outstanding_ = 0;
}

bool PullCredit::silent(Clock::time_point now) noexcept {
    if (outstanding_ == 0) return false;
    const auto over = [&](const Request& request) { return request.expiry + grace_ < now; };
    if (over(requests_.back())) return true;
    while (!requests_.empty() && over(requests_.front())) {
        drop(requests_.front());
        forget_ended();
    }
    if (outstanding_ == 0) clear();
    return false;
}

void PullCredit::drop(Request& request) noexcept {
    asked_ -= std::exchange(request.messages, 0);
    outstanding_ = std::min(outstanding_, asked_);
}

void PullCredit::forget_ended() noexcept {
    while (!requests_.empty() && requests_.front().messages == 0) {
        requests_.pop_front();
        ++first_;
    }
}

}  // namespace events::nats
