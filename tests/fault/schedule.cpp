#include "schedule.hpp"

#include <utility>

namespace events::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

const std::vector<std::string_view> kProcesses{"gateway",  "fb-collector", "ttk-collector",
                                               "reporter", "nats",         "postgres"};
const std::vector<std::string_view> kLinks{"gateway-nats",           "fb-collector-nats",
                                           "ttk-collector-nats",     "fb-collector-postgres",
                                           "ttk-collector-postgres", "reporter-postgres"};

}  // namespace

std::span<const FaultKind> fault_kinds() {
    static const std::vector<FaultKind> kinds{
        {.name = "kill", .targets = kProcesses, .meaning = "SIGKILL; started again"},
        {.name = "freeze", .targets = kProcesses, .meaning = "SIGSTOP, later SIGCONT"},
        {.name = "restart",
         .targets = kProcesses,
         .meaning = "SIGTERM (PostgreSQL: a fast shutdown); started again"},
        {.name = "immediate", .targets = {"postgres"}, .meaning = "PostgreSQL's immediate stop"},
        {.name = "reset", .targets = kLinks, .meaning = "RST on open and new connections"},
        {.name = "black-hole",
         .targets = kLinks,
         .meaning = "connections are accepted, nothing arrives, nobody is told"},
        {.name = "delay", .targets = kLinks, .meaning = "each direction is late"},
        {.name = "half-close", .targets = kLinks, .meaning = "FIN to the daemon only"},
        {.name = "refuse", .targets = kLinks, .meaning = "no new connections, after a reset"},
        {.name = "disk-full",
         .targets = {"spool", "nats", "postgres"},
         .meaning = "not a byte is free on the disk (the spool's: while NATS is away)",
         .needs_disks = true},
        {.name = "delete-consumer",
         .targets = {"EVENTS_FACEBOOK.fb-collector", "EVENTS_TIKTOK.ttk-collector"},
         .meaning = "the durable consumer is deleted under its collector"},
        {.name = "delete-stream",
         .targets = {"EVENTS_FACEBOOK", "EVENTS_TIKTOK", "EVENTS_DEAD"},
         .meaning = "the stream is deleted, once it is drained, under the daemons"},
        {.name = "kill-node",
         .targets = {"leader-of-EVENTS_FACEBOOK", "leader-of-EVENTS_TIKTOK", "0", "1", "2"},
         .meaning = "SIGKILL of one of three NATS servers; started again",
         .needs_cluster = true},
        {.name = "foreign-stream",
         .targets = {"EVENTS_FACEBOOK-name", "EVENTS_TIKTOK-age", "EVENTS_FACEBOOK-interest",
                     "EVENTS_TIKTOK-memory", "EVENTS_DEAD-name"},
         .meaning =
             "a stream of another name, or with settings that break the promise, in its place"},
        {.name = "hostile-message",
         .targets = {"events.facebook", "events.tiktok"},
         .meaning = "headers and payloads of a stranger, straight into the stream"},
        {.name = "constraint",
         .targets = {"facebook_events-check", "tiktok_events-column", "facebook_events-trigger"},
         .meaning = "an operator's own constraint, column or trigger refuses every row"},
        {.name = "name-of-a-day",
         .targets = {"facebook_events-detached", "tiktok_events-detached",
                     "facebook_events-foreign", "tiktok_events-foreign"},
         .meaning =
             "a detached partition, or a stranger's table, has the name of a day's partition"},
        {.name = "changed-rows",
         .targets = {"facebook_events-parent", "tiktok_events-parent", "facebook_events-partition",
                     "tiktok_events-partition", "facebook_events-replica", "tiktok_events-replica"},
         .meaning = "somebody inserts, updates and deletes rows by SQL"},
        {.name = "day",
         .targets = {"facebook_events-truncated", "tiktok_events-truncated",
                     "facebook_events-dropped", "tiktok_events-dropped", "facebook_events-attached",
                     "tiktok_events-attached"},
         .meaning = "somebody's own partition is attached, and then emptied, dropped or detached"},
        {.name = "drop-day",
         .targets = {"facebook", "tiktok"},
         .meaning = "a day is older than what is kept, and an event of it comes late",
         .is_upkeep = true},
        {.name = "erase",
         .targets = {"facebook", "tiktok"},
         .meaning = "a person is erased while events of the same person come in",
         .is_upkeep = true},
        {.name = "rebuild-day",
         .targets = {"facebook", "tiktok"},
         .meaning = "the segments of today are built again and again"},
        {.name = "flipped-bit",
         .targets = {"facebook", "tiktok"},
         .meaning = "a bit of a segment is not as it was written"},
        {.name = "vacuum-full",
         .targets = {"facebook_events", "tiktok_events"},
         .meaning = "VACUUM FULL of today's partition"},
        {.name = "held-snapshot",
         .targets = {"postgres"},
         .meaning = "somebody's transaction keeps what is deleted"},
        {.name = "promote",
         .targets = {"postgres"},
         .meaning = "PostgreSQL dies; its synchronous standby takes its place"},
        {.name = "read-only-spool",
         .targets = {"spool"},
         .meaning = "nothing in the spool can be made or removed, without NATS and with it again",
         .needs_disks = true,
         .needs_read_only_disks = true},
    };
    return kinds;
}

Schedule::Schedule(std::uint64_t seed, std::vector<FaultKind> kinds, bool brief)
    : random_{seed}, kinds_{std::move(kinds)}, brief_{brief} {}

Fault Schedule::next() {
    if (turn_.empty()) begin_turn();
    auto fault = std::move(turn_.back());
    turn_.pop_back();
    return fault;
}

void Schedule::begin_turn() {
    const auto longest =
        static_cast<std::uint64_t>(milliseconds{brief_ ? 1'200ms : 8'000ms}.count());
    for (const auto& kind : kinds_) {
        const auto add = [&](std::string_view target) {
            turn_.push_back({.kind = std::string{kind.name},
                             .target = std::string{target},
                             .duration = milliseconds{300 + choose(longest)},
                             .lead = milliseconds{choose(brief_ ? 200 : 2'000)}});
        };
        if (brief_) {
            add(kind.targets[choose(kind.targets.size())]);
        } else {
            for (const auto target : kind.targets) add(target);
        }
    }
    // Our own shuffle: the library's may differ between its versions.
    for (std::size_t i = turn_.size(); i > 1; --i) std::swap(turn_[i - 1], turn_[choose(i)]);
}

}  // namespace events::test
