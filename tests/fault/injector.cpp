#include "injector.hpp"

#include "canary.hpp"
#include "injections.hpp"
#include "support/await.hpp"
#include "support/jetstream_api.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <signal.h>

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

namespace events::test {
namespace {

using namespace std::chrono_literals;

void kill(Suite& suite, const Fault& fault) {
    if (fault.target == "nats") {
        suite.nats().kill();
        hold(fault);
        suite.nats().start();
    } else if (fault.target == "postgres") {
        suite.postgres().crash();
        hold(fault);
        suite.postgres().start();
    } else {
        suite.supervisor().kill(fault.target);
    }
}

void freeze(Suite& suite, const Fault& fault) {
    if (fault.target == "nats") {
        suite.nats().freeze();
        hold(fault);
        suite.nats().resume();
    } else if (fault.target == "postgres") {
        suite.postgres().freeze();
        hold(fault);
        suite.postgres().resume();
    } else {
        suite.supervisor().signal(fault.target, SIGSTOP);
        hold(fault);
        suite.supervisor().signal(fault.target, SIGCONT);
    }
}

void restart(Suite& suite, const Fault& fault) {
    if (fault.target == "nats") {
        suite.nats().restart();
    } else if (fault.target == "postgres") {
        suite.postgres().restart();
    } else {
        suite.supervisor().terminate(fault.target);
    }
}

void stop_immediately(Suite& suite, const Fault& fault) {
    suite.postgres().kill();
    hold(fault);
    suite.postgres().start();
}

template <ProxyMode Mode>
void disturb(Suite& suite, const Fault& fault) {
    auto& link = suite.link(fault.target);
    if (Mode == ProxyMode::refuse) link.set(ProxyMode::reset);
    link.set(Mode, 100ms);
    hold(fault);
    link.set(ProxyMode::pass);
}

void fill_disk(Suite& suite, const Fault& fault) {
    const auto& disk = suite.disk(fault.target);
    disk.fill();
    if (fault.target == "spool") suite.nats().kill();  // else nobody writes to it
    hold(fault);
    disk.free();
    // JetStream switches itself off when its disk is full; PostgreSQL may have ended.
    if (fault.target == "postgres") {
        suite.postgres().start();
    } else {
        suite.nats().restart();
    }
}

void delete_consumer(Suite& suite, const Fault& fault) {
    (void)jetstream_api(suite.nats_url(), "$JS.API.CONSUMER.DELETE." + fault.target);
}

std::uint64_t messages_in(Suite& suite, const std::string& stream) {
    const auto info = jetstream_api(suite.nats_url(), "$JS.API.STREAM.INFO." + stream);
    return info.contains("state") ? info["state"].value("messages", std::uint64_t{0}) : 0;
}

void delete_stream(Suite& suite, const Fault& fault) {
    settle(suite);
    (void)jetstream_api(suite.nats_url(), "$JS.API.STREAM.DELETE." + fault.target);
    suite.resume_clients();
}

constexpr std::string_view kLeader = "leader-of-";

void kill_node(Suite& suite, const Fault& fault) {
    auto& cluster = suite.cluster();
    std::optional<std::size_t> node;
    if (fault.target.starts_with(kLeader)) {
        const auto stream = fault.target.substr(kLeader.size());
        if (!await([&] { return (node = cluster.leader_of(stream)).has_value(); })) {
            throw std::runtime_error{stream + " has no leader"};
        }
    } else {
        node = std::stoul(fault.target);
    }
    cluster.node(*node).kill();
    hold(fault);
    cluster.node(*node).start();
}

/// The last sequence, and whether each one up to a former last one is gone.
class Backlog {
  public:
    explicit Backlog(Suite& suite) : suite_{suite} {}

    /// What is there at the first call has been stored.
    [[nodiscard]] bool drained() {
        try {
            for (const auto* stream : {"EVENTS_FACEBOOK", "EVENTS_TIKTOK"}) {
                const auto state =
                    jetstream_api(suite_.nats_url(), std::string{"$JS.API.STREAM.INFO."} + stream,
                                  {}, kAskAgain)
                        .at("state");
                const auto last = state.at("last_seq").get<std::uint64_t>();
                const auto goal = goals_.try_emplace(stream, last).first->second;
                if (state.at("messages") != 0 && state.at("first_seq") <= goal) return false;
            }
            return true;
        } catch (const std::exception&) {
            return false;
        }
    }

  private:
    Suite& suite_;
    std::map<std::string, std::uint64_t> goals_;
};

bool all_ready(Suite& suite) {
    return std::ranges::all_of(kDaemons, [&](std::string_view daemon) {
        return suite.stack().is_ready(std::string{daemon});
    });
}

bool cluster_is_whole(Suite& suite) {
    return !suite.has_cluster() ||
           (suite.cluster().is_whole("EVENTS_FACEBOOK") &&
            suite.cluster().is_whole("EVENTS_TIKTOK") && suite.cluster().is_whole("EVENTS_DEAD"));
}

}  // namespace

void hold(const Fault& fault) {
    std::this_thread::sleep_for(fault.duration);
}

void require(bool holds, const std::string& otherwise) {
    if (!holds) throw std::runtime_error{otherwise};
}

void settle(Suite& suite) {
    suite.pause_clients();
    const auto drained = [&] {
        return suite.spooled_files() == 0 &&
               messages_in(suite, "EVENTS_FACEBOOK") + messages_in(suite, "EVENTS_TIKTOK") == 0;
    };
    require(await(drained), "spool and streams are never drained");
    suite.keep_dead_letters();
}

void inject(Suite& suite, const Fault& fault) {
    static const std::map<std::string_view, void (*)(Suite&, const Fault&)> actions{
        {"kill", kill},
        {"freeze", freeze},
        {"restart", restart},
        {"immediate", stop_immediately},
        {"reset", disturb<ProxyMode::reset>},
        {"black-hole", disturb<ProxyMode::black_hole>},
        {"delay", disturb<ProxyMode::delay>},
        {"half-close", disturb<ProxyMode::half_close>},
        {"refuse", disturb<ProxyMode::refuse>},
        {"disk-full", fill_disk},
        {"delete-consumer", delete_consumer},
        {"delete-stream", delete_stream},
        {"kill-node", kill_node},
        {"foreign-stream", plant_foreign_stream},
        {"hostile-message", send_hostile_messages},
        {"constraint", constrain_table},
        {"name-of-a-day", take_name_of_day},
        {"changed-rows", change_rows},
        {"day", exchange_day},
        {"drop-day", drop_day},
        {"erase", erase_person},
        {"rebuild-day", rebuild_day},
        {"flipped-bit", flip_bit},
        {"vacuum-full", vacuum_full},
        {"held-snapshot", hold_snapshot},
        {"promote", promote_standby},
        {"read-only-spool", make_spool_read_only},
    };
    actions.at(fault.kind)(suite, fault);
}

std::optional<Recovery> await_recovery(Suite& suite) {
    const auto healed = std::chrono::steady_clock::now();
    std::optional<std::chrono::milliseconds> accepting;
    std::optional<std::chrono::milliseconds> ready;
    std::optional<std::chrono::milliseconds> drained;
    const auto note = [&](auto& time, bool now) {
        if (time || !now) return;
        time = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - healed);
    };
    Canary canary{suite};
    Backlog backlog{suite};
    const bool recovered = await([&] {
        if (!accepting) note(accepting, canary.post());
        if (!ready) note(ready, all_ready(suite));
        if (accepting && !drained) {
            note(drained, suite.spooled_files() == 0 && backlog.drained() && canary.stored());
        }
        return accepting && ready && drained;
    });
    if (!recovered) return std::nullopt;
    return Recovery{*accepting, *ready, *drained};
}

bool await_whole_cluster(Suite& suite, const std::function<void(std::string_view)>& say) {
    const auto whole = [&] { return cluster_is_whole(suite); };
    if (await(whole)) return true;
    say("a copy of a stream stays behind; the nodes are restarted one after the other");
    for (std::size_t node = 0; node < NatsCluster::kNodes; ++node) {
        suite.cluster().node(node).restart();
        if (await(whole)) return true;
    }
    return false;
}

}  // namespace events::test
