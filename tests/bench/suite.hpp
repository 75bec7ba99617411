#pragma once

#include "common/events/event.hpp"
#include "e2e/stack.hpp"
#include "integration/nats/client.hpp"
#include "processes.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace events::bench {

/// deploy/postgres/postgresql.conf as server settings, then fsync, full_page_writes and
/// synchronous_commit on: a test's cluster has the first two off, a measured one is durable.
[[nodiscard]] std::vector<std::string> shipped_postgres_settings();

/// What deploy/nats/nats-server.conf says of sizes. Its sync_interval is left out, as scripts/up
/// does: Debian's 2.9.10 doesn't know it.
[[nodiscard]] test::NatsServerOptions shipped_nats_options();

/// The suite that is measured: the real daemons with their default settings on a nats-server and a
/// database of their own. One thread at a time; the daemons end with it and with the thread that
/// started them.
class Suite {
  public:
    explicit Suite(test::PostgresCluster& cluster);
    /// Stops what runs and drops the database.
    ~Suite();
    Suite(const Suite&) = delete;
    Suite& operator=(const Suite&) = delete;

    void start(const std::string& daemon, const test::Variables& variables = {},
               bool wait_ready = true);
    void start_twin(const std::string& daemon);
    /// gateway, both collectors and the reporter.
    void start_all();
    /// SIGTERM; throws std::runtime_error unless it ends well.
    void stop(const std::string& daemon);
    /// Starts and stops both collectors once: the database is migrated, streams and consumers are
    /// there.
    void prepare();

    /// Of each daemon that runs (twins count as one), "nats-server" and "postgres".
    [[nodiscard]] CpuTimes cpu_times();
    [[nodiscard]] std::map<std::string, std::uint64_t> resident_bytes();
    /// That PostgreSQL has written into its WAL since it was made.
    [[nodiscard]] std::uint64_t wal_bytes();
    /// Messages of events that no collector has acknowledged yet.
    [[nodiscard]] std::uint64_t backlog();
    [[nodiscard]] std::uint64_t backlog(Source source);
    /// Events that each running collector process has stored since it started.
    [[nodiscard]] std::vector<std::uint64_t> stored_by_collectors();
    /// Waits until no message is left; false when it takes longer.
    [[nodiscard]] bool await_drained(std::chrono::milliseconds patience);

    [[nodiscard]] test::Stack& stack() noexcept { return stack_; }
    [[nodiscard]] const std::string& database() const noexcept { return stack_.database(); }
    [[nodiscard]] std::uint16_t gateway_port() const { return stack_.port("gateway"); }

  private:
    test::PostgresCluster& cluster_;
    test::Stack stack_;
    nats::test::Client broker_;
    std::set<std::string> running_;
};

}  // namespace events::bench
