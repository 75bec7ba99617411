#include "steady_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <stdexcept>

namespace events::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kEventsPerPost = 1'000;
constexpr auto kStep = 5s;

}  // namespace

Load open_load(const Suite& suite, double events_per_second,
               std::chrono::duration<double> duration) {
    return {.port = suite.gateway_port(),
            .events_per_post = kEventsPerPost,
            .connections = 32,
            .posts_per_second = events_per_second / kEventsPerPost,
            .duration = duration};
}

LoadOutcome post_to(Suite& suite, const Load& load) {
    LoadOutcome outcome;
    const auto cpu = suite.cpu_times();
    auto posting = std::async(std::launch::async, [&] { return post_events(load); });
    while (posting.wait_for(250ms) != std::future_status::ready) {
        outcome.backlog.add(static_cast<double>(suite.backlog()));
    }
    outcome.load = posting.get();
    outcome.drained = suite.await_drained(2s);
    outcome.cpu = spent(cpu, suite.cpu_times());
    return outcome;
}

bool kept_up(const LoadOutcome& outcome, const Load& load) {
    const auto offered = load.posts_per_second.value() * load.duration.count();
    const bool all_saved = outcome.load.failures.empty() && outcome.load.unsent == 0 &&
                           static_cast<double>(outcome.load.posts) >= std::floor(offered);
    // What a POST makes of messages, at least: 10 of 100 events. The backlog may hold half a
    // second's worth more at the end than at the beginning, which is what a batch and a hiccup are.
    const auto half_second = *load.posts_per_second * 10 / 2;
    const bool steady = outcome.backlog.part(2.0 / 3, 1).median() <=
                        outcome.backlog.part(0, 1.0 / 3).median() + half_second;
    return all_saved && steady && outcome.drained;
}

double find_highest_rate(Suite& suite, double first_guess) {
    constexpr double kFactor = 1.3;
    const auto keeps_up = [&](double rate) {
        const auto load = open_load(suite, rate, kStep);
        const bool good = kept_up(post_to(suite, load), load);
        fmt::print("  {:.0f} events/s: {}\n", rate, good ? "kept up" : "too much");
        if (!suite.await_drained(5min)) throw std::runtime_error{"the backlog does not go away"};
        return good;
    };
    double good = 0;
    double bad = 0;
    for (double rate = first_guess; good == 0 || bad == 0;) {
        (keeps_up(rate) ? good : bad) = rate;
        rate = good == 0 ? rate / kFactor : good * kFactor;
        if (rate < kEventsPerPost) throw std::runtime_error{"no rate can be sustained"};
    }
    for (int i = 0; i < 2; ++i) {
        const double middle = std::sqrt(good * bad);
        (keeps_up(middle) ? good : bad) = middle;
    }
    return good;
}

}  // namespace events::bench
