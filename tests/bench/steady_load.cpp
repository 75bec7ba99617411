#include "steady_load.hpp"

#include "bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <future>
#include <stdexcept>

namespace events::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kEventsPerPost = 1'000;
constexpr auto kStep = 10s;

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
    const auto wal = suite.wal_bytes();
    auto posting = std::async(std::launch::async, [&] { return post_events(load); });
    while (posting.wait_for(250ms) != std::future_status::ready) {
        outcome.backlog.add(static_cast<double>(suite.backlog()));
    }
    outcome.load = posting.get();
    outcome.drained = suite.await_drained(2s);
    outcome.cpu = spent(cpu, suite.cpu_times());
    outcome.wal_bytes = suite.wal_bytes() - wal;
    return outcome;
}

void add_outcome(Case& measured, const LoadOutcome& outcome) {
    add_load(measured, outcome.load);
    measured.add_cpu(outcome.cpu, outcome.load.events);
    measured.add("share of our daemons", share_of_daemons(outcome.cpu));
    measured.add("WAL bytes/event",
                 static_cast<double>(outcome.wal_bytes) / static_cast<double>(outcome.load.events));
    measured.add("most backlog messages", outcome.backlog.greatest());
}

std::string what_fell_behind(const LoadOutcome& outcome, const Load& load) {
    const auto& [posted, cpu, wal, backlog, drained] = outcome;
    if (const auto failures = posted.describe_failures(); !failures.empty()) return failures;
    const auto offered = std::floor(load.posts_per_second.value() * load.duration.count());
    if (static_cast<double>(posted.posts) < offered) {
        return fmt::format("{} of {:.0f} POSTs", posted.posts, offered);
    }
    // A POST of 1,000 makes ten messages. Half a second's worth more is a batch and a hiccup.
    const auto half_second = *load.posts_per_second * 10 / 2;
    const auto before = backlog.part(0, 1.0 / 3).median();
    const auto after = backlog.part(2.0 / 3, 1).median();
    if (after > before + half_second) {
        return fmt::format("the backlog grew from {:.0f} to {:.0f} messages", before, after);
    }
    return drained ? "" : "a backlog was left after two seconds";
}

void warm_up(Suite& suite) {
    suite.start_all();
    const auto figures = post_events(open_load(suite, 5'000, 1s));
    if (!figures.failures.empty()) throw std::runtime_error{figures.describe_failures()};
    if (!suite.await_drained(10s)) throw std::runtime_error{"the backlog does not go away"};
}

double find_highest_rate(test::PostgresCluster& cluster, double first_guess) {
    constexpr double kFactor = 1.3;
    const auto keeps_up = [&](double rate) {
        Suite suite{cluster};
        warm_up(suite);
        const auto load = open_load(suite, rate, kStep);
        const auto problem = what_fell_behind(post_to(suite, load), load);
        fmt::print("  {:.0f} events/s: {}\n", rate, problem.empty() ? "kept up" : problem);
        std::fflush(stdout);
        return problem.empty();
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
