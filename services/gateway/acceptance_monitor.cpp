#include "gateway/acceptance_monitor.hpp"

#include "common/retry/pause.hpp"

#include <fmt/format.h>

#include <string>

namespace events::gateway {
namespace {

void set(health::Indicator& indicator, const std::string& problem) {
    if (problem.empty()) {
        indicator.up();
    } else {
        indicator.down(problem);
    }
}

}  // namespace

AcceptanceMonitor::AcceptanceMonitor(Spool& spool, const Drainer& drainer, health::Registry& health,
                                     std::chrono::milliseconds interval)
    : spool_{spool},
      drainer_{drainer},
      spool_indicator_{health.add("spool", false)},
      events_indicator_{health.add("events")},
      interval_{interval},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void AcceptanceMonitor::run(const std::stop_token& stop) {
    do {
        look();
    } while (retry::pause(interval_, stop));
}

void AcceptanceMonitor::look() {
    const auto jetstream = drainer_.problem();
    // While JetStream takes events nobody needs the spool, and the disk has its peace.
    const bool by_writing = !jetstream.empty();
    spool_.look(by_writing);
    const auto spool = spool_.problem();
    set(spool_indicator_, spool);
    set(events_indicator_, jetstream.empty() || spool.empty()
                               ? std::string{}
                               : fmt::format("{}, and the spool: {}", jetstream, spool));
}

}  // namespace events::gateway
