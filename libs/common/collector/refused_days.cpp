#include "common/collector/refused_days.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace events::collector {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kShortestPause = 1s;
constexpr std::chrono::milliseconds kLongestPause = 15s;
/// How much later than its time a message may come again.
constexpr auto kLate = 30s;
constexpr std::size_t kNamedDays = 3;

}  // namespace

bool RefusedDays::is_closed(Day day, Clock::time_point now) const {
    const auto found = days_.find(day);
    return found != days_.end() && found->second.closed && now < found->second.opens_at;
}

RefusedDays::Clock::time_point RefusedDays::refuse(Day day, const std::string& why,
                                                   Clock::time_point now) {
    auto& refusal = days_[day];
    refusal.why = why;
    refusal.fresh = true;
    if (now >= refusal.opens_at) {  // else it is one more of the same attempt
        refusal.pause = std::clamp(2 * refusal.pause, kShortestPause, kLongestPause);
        refusal.opens_at = now + refusal.pause;
    }
    return refusal.opens_at;
}

void RefusedDays::stored(Day day) {
    const auto found = days_.find(day);
    if (found == days_.end()) return;
    found->second.partial = true;
    found->second.closed = false;
}

RefusedDays::Clock::time_point RefusedDays::opens_at(Day day) const {
    const auto found = days_.find(day);
    return found == days_.end() ? Clock::time_point{} : found->second.opens_at;
}

void RefusedDays::park(std::uint64_t message, std::size_t events, Clock::time_point due) {
    unpark(message);
    messages_.emplace(message, Message{events, due});
    events_ += events;
}

void RefusedDays::unpark(std::uint64_t message) {
    const auto found = messages_.find(message);
    if (found == messages_.end()) return;
    events_ -= found->second.events;
    messages_.erase(found);
}

bool RefusedDays::settle() {
    for (auto& [day, refusal] : days_) {
        if (std::exchange(refusal.fresh, false)) refusal.closed = !refusal.partial;
    }
    if (days_.empty() || !messages_.empty()) return false;
    days_.clear();
    return true;
}

void RefusedDays::forget_lost(Clock::time_point now) {
    std::vector<std::uint64_t> lost;
    for (const auto& [message, parked] : messages_) {
        if (parked.due + kLate < now) lost.push_back(message);
    }
    for (const auto message : lost) unpark(message);
    std::erase_if(days_, [&](const auto& day) { return day.second.opens_at + kLate < now; });
}

std::string RefusedDays::describe() const {
    if (days_.empty()) return {};
    std::string named;
    std::size_t count = 0;
    for (auto day = days_.begin(); day != days_.end() && count < kNamedDays; ++day, ++count) {
        named += (count == 0 ? "" : ", ") + to_string(day->first);
    }
    if (days_.size() > kNamedDays) named += fmt::format(" and {} more", days_.size() - kNamedDays);
    return fmt::format("the events of {} wait, {} of them here: {}", named, events_,
                       std::prev(days_.end())->second.why);
}

std::string to_string(RefusedDays::Day day) {
    const std::chrono::year_month_day date{day};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

}  // namespace events::collector
