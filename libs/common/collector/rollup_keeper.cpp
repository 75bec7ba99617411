#include "common/collector/rollup_keeper.hpp"

#include "common/postgres/cancel_on_stop.hpp"
#include "common/retry/pause.hpp"

#include <fmt/format.h>

#include <utility>

namespace events::collector {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

/// One minute of events can be many: its statement gets the time it needs.
constexpr auto kStatementTimeout = 10min;

postgres::Options patient(postgres::Options options) {
    options.statement_timeout = kStatementTimeout;
    if (options.answer_timeout > 0ms) options.answer_timeout = kStatementTimeout + 10s;
    options.application_name += " rollups";
    return options;
}

}  // namespace

RollupKeeper::RollupKeeper(Source source, postgres::Options database, std::function<bool()> idle,
                           logging::Logger log, metrics::Registry& metrics,
                           RollupKeeperOptions options)
    : source_{source},
      options_{options},
      idle_{std::move(idle)},
      log_{std::move(log)},
      folded_{metrics.counter("rollup_deltas_folded_total",
                              "Sums of transactions that were added to the rollups.")},
      profiled_{metrics.counter("rollup_events_profiled_total",
                                "Events whose users were added to the users' profiles.")},
      connection_{patient(std::move(database)), {}} {}

RollupKeeper::~RollupKeeper() {
    stop();
}

void RollupKeeper::start() {
    thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

void RollupKeeper::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void RollupKeeper::run(const std::stop_token& stop) {
    // Profiling a busy minute may take longer than the grace; the next keeper makes it.
    const postgres::CancelOnStop cancel{stop, connection_.interrupter()};
    do {
        try {
            round(stop);
        } catch (const std::exception& error) {
            if (stop.stop_requested()) return;  // cancelled
            log_.warn("the rollups fall behind: reports get slower, not wrong",
                      {{"err", error.what()}});
        }
    } while (retry::pause(options_.interval, stop));
}

void RollupKeeper::round(const std::stop_token& stop) {
    const auto now = SteadyClock::now();
    if (now - partitions_followed_ >= options_.partitions_every) {
        call("SELECT 0 FROM follow_partitions()");
        partitions_followed_ = now;
    }
    folded_.Increment(static_cast<double>(call("SELECT fold_event_deltas()")));

    // Folding goes on meanwhile: not longer than a round.
    const auto profile =
        fmt::format("SELECT profile_{}_users('{} seconds', {})", to_string(source_),
                    options_.settled.count(), options_.events_per_profiling);
    while (!stop.stop_requested() && idle_() && SteadyClock::now() - now < options_.interval) {
        const auto events = call(profile);
        profiled_.Increment(static_cast<double>(events));
        if (events == 0) return;
    }
}

std::int64_t RollupKeeper::call(const std::string& statement) {
    return connection_.transact(
        [&](pqxx::work& work) { return work.exec(statement).at(0).at(0).as<std::int64_t>(); });
}

}  // namespace events::collector
