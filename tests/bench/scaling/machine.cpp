#include "machine.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace events::bench::scaling {
namespace {

/// What is left of a computation after so many subtractions is not exactly zero: a picosecond is.
constexpr double kNothing = 1e-12;

}  // namespace

Machine::Machine(double cores) : cores_{cores} {
    if (!(cores > 0)) throw std::invalid_argument{"a machine without cores"};
}

double Machine::cpu_seconds(Process process) const {
    return spent_.at(static_cast<std::size_t>(process));
}

void Machine::compute(Process process, double microseconds, Continuation then) {
    computations_.push_back({process, microseconds / 1e6, std::move(then)});
}

void Machine::at(double seconds, Continuation then) {
    timers_.push_back({std::max(seconds, now_), timers_set_++, std::move(then)});
    std::ranges::push_heap(timers_, later);
}

bool Machine::later(const Timer& a, const Timer& b) {
    return std::pair{a.seconds, a.order} > std::pair{b.seconds, b.order};
}

double Machine::share() const {
    return std::min(1.0, cores_ / static_cast<double>(computations_.size()));
}

void Machine::run_until(double seconds) {
    while (now_ < seconds) {
        auto step = seconds - now_;
        if (!timers_.empty()) step = std::min(step, timers_.front().seconds - now_);
        for (const auto& computation : computations_) {
            step = std::min(step, computation.seconds_left / share());
        }
        advance(std::max(step, 0.0));
        finish_computations();
        fire_timers();
    }
}

void Machine::advance(double seconds) {
    const auto each = computations_.empty() ? 0 : seconds * share();
    for (auto& computation : computations_) {
        computation.seconds_left -= each;
        spent_.at(static_cast<std::size_t>(computation.process)) += each;
    }
    now_ += seconds;
}

void Machine::finish_computations() {
    // Stable, so that a run is the same each time; apart, since a continuation starts new ones.
    const auto finished =
        std::stable_partition(computations_.begin(), computations_.end(),
                              [](const auto& c) { return c.seconds_left > kNothing; });
    std::vector<Computation> done{std::make_move_iterator(finished),
                                  std::make_move_iterator(computations_.end())};
    computations_.erase(finished, computations_.end());
    for (auto& computation : done) computation.then();
}

void Machine::fire_timers() {
    while (!timers_.empty() && timers_.front().seconds <= now_) {
        std::ranges::pop_heap(timers_, later);
        auto timer = std::move(timers_.back());
        timers_.pop_back();
        timer.then();
    }
}

}  // namespace events::bench::scaling
