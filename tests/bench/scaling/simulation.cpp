#include "simulation.hpp"

#include "collector.hpp"
#include "keepers.hpp"
#include "workers.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace events::bench::scaling {
namespace {

constexpr double kReadEvery = 0.1;  // seconds
constexpr double kMostEventsPerSecond = 1e7;

/// All parts of one machine, joined.
class Suite {
  public:
    explicit Suite(const Setup& setup)
        : setup_{setup},
          machine_{setup.cores},
          sender_{machine_, Process::sender, 1},
          gateway_{machine_, Process::gateway, setup.worker_threads},
          leaders_{{{machine_, Process::broker, 1}, {machine_, Process::broker, 1}}},
          collectors_{{{machine_, setup_, [this](const auto& batch) { stored(0, batch); }},
                       {machine_, setup_, [this](const auto& batch) { stored(1, batch); }}}},
          keepers_{machine_, setup_,
                   [this](std::size_t source) { return collectors_.at(source).idle(); }},
          background_{machine_, Process::database, 1} {
        read_backlog();
    }

    void fill(int events) {
        count_sent(events);
        send_messages(events, [this](std::size_t source, int each) {
            stream(source, {machine_.now(), each});
        });
    }

    void post_at(const Post& post) {
        machine_.at(post.seconds, [this, post] {
            count_sent(post.events);
            sender_.submit(setup_.cpu.sender * post.events, [this, post] { take(post.events); });
        });
    }

    Outcome run(double seconds) {
        machine_.run_until(seconds);
        outcome_.unprofiled = keepers_.unprofiled();
        for (std::size_t i = 0; i < kProcesses; ++i) {
            outcome_.cpu_seconds.at(i) = machine_.cpu_seconds(static_cast<Process>(i));
        }
        return std::move(outcome_);
    }

  private:
    void count_sent(int events) {
        outcome_.sent += static_cast<std::uint64_t>(events);
        outcome_.on_the_way += static_cast<std::uint64_t>(events);
    }

    /// Calls `send(source, events)` for each message that so many events become.
    template <typename Send>
    void send_messages(int events, Send send) {
        // The odd one is of the sources in turns.
        const auto first = static_cast<std::size_t>(odd_++ % 2);
        std::array<int, 2> left{};
        left.at(first) = (events + 1) / 2;
        left.at(1 - first) = events / 2;
        while (left[0] + left[1] > 0) {
            for (std::size_t source = 0; source < left.size(); ++source) {
                const auto each = std::min(left.at(source), setup_.events_per_message);
                left.at(source) -= each;
                if (each > 0) send(source, each);
            }
        }
    }

    /// The gateway has the request.
    void take(int events) {
        const auto taken = machine_.now();
        const auto& cpu = setup_.cpu;
        auto once = cpu.gateway_request;
        send_messages(events, [&](std::size_t source, int each) {
            const auto packing = std::exchange(once, 0) + cpu.gateway_message + cpu.gateway * each;
            const auto publishing = cpu.publish_message + cpu.publish * each;
            gateway_.submit(packing, [this, source, taken, each, publishing] {
                leaders_.at(source).submit(publishing, [this, source, taken, each] {
                    stream(source, {taken, each});
                });
            });
        });
    }

    void stream(std::size_t source, Message message) {
        const auto events = static_cast<std::uint64_t>(message.events);
        outcome_.on_the_way -= events;
        auto& [backlog_events, messages] = outcome_.backlog;
        backlog_events += events;
        outcome_.peak = {std::max(outcome_.peak.events, backlog_events),
                         std::max(outcome_.peak.messages, ++messages)};
        collectors_.at(source).arrive(message);
    }

    void stored(std::size_t source, const std::vector<Message>& batch) {
        keepers_.stored(source, batch);
        int all = 0;
        for (const auto& [taken, count] : batch) {
            const auto events = static_cast<std::uint64_t>(count);
            all += count;
            outcome_.stored += events;
            outcome_.backlog.events -= events;
            outcome_.delays.push_back({machine_.now() - taken, events});
        }
        outcome_.backlog.messages -= batch.size();
        background_.submit(setup_.cpu.background * all, [] {});
        outcome_.last_stored = machine_.now();
    }

    void read_backlog() {
        outcome_.backlog_over_time.push_back({machine_.now(), outcome_.backlog});
        machine_.at(machine_.now() + kReadEvery, [this] { read_backlog(); });
    }

    const Setup& setup_;
    Outcome outcome_;
    Machine machine_;
    Workers sender_;
    Workers gateway_;
    std::array<Workers, 2> leaders_;
    std::array<Collector, 2> collectors_;
    Keepers keepers_;
    Workers background_;
    std::uint64_t odd_ = 0;
};

}  // namespace

Outcome simulate(const Setup& setup, const std::vector<Post>& posts, double seconds, int waiting) {
    Suite suite{setup};
    if (waiting > 0) suite.fill(waiting);
    for (const auto& post : posts) suite.post_at(post);
    return suite.run(seconds);
}

double delay_quantile(const Outcome& outcome, double share) {
    auto delays = outcome.delays;
    std::ranges::sort(delays, {}, &Delay::seconds);
    std::uint64_t all = 0;
    for (const auto& delay : delays) all += delay.events;
    const auto wanted = share * static_cast<double>(all);
    std::uint64_t passed = 0;
    for (const auto& delay : delays) {
        passed += delay.events;
        if (static_cast<double>(passed) >= wanted) return delay.seconds;
    }
    return 0;
}

double highest_rate(const Setup& setup, int events_per_post, double seconds) {
    const auto keeps_up = [&](double rate) {
        const auto outcome = simulate(setup, steady(rate, events_per_post, seconds), seconds);
        return static_cast<double>(outcome.sent - outcome.stored) <= rate / 2;
    };
    double good = 0;
    double bad = kMostEventsPerSecond;
    for (double rate = 1'000; rate < bad && keeps_up(rate); rate *= 2) good = rate;
    if (good == 0) return 0;
    bad = 2 * good;
    while (bad > 1.01 * good) {
        const auto middle = std::sqrt(good * bad);
        (keeps_up(middle) ? good : bad) = middle;
    }
    return good;
}

}  // namespace events::bench::scaling
