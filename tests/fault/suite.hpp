#pragma once

#include "e2e/stack.hpp"
#include "ledger.hpp"
#include "load_client.hpp"
#include "small_disk.hpp"
#include "supervisor.hpp"
#include "support/nats_cluster.hpp"
#include "support/postgres_cluster.hpp"
#include "support/tcp_proxy.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace events::test {

struct SuiteOptions {
    std::uint64_t seed = 1;
    bool cluster = false;  ///< three NATS servers and STREAM_REPLICAS=3, without links to NATS
    bool disks = false;    ///< small ones, that can be filled: own_mounts() must have succeeded
    std::chrono::seconds duration{0};  ///< of the load, which the database's disk must hold
};

inline constexpr std::array<std::string_view, 4> kDaemons{"gateway", "fb-collector",
                                                          "ttk-collector", "reporter"};

/// Everything that a run of faults needs: real servers, the real daemons under a supervisor with a
/// proxy on each of their links, and two clients under way. Single-threaded, but for what says
/// otherwise.
class Suite {
  public:
    explicit Suite(const SuiteOptions& options);
    ~Suite();
    Suite(const Suite&) = delete;
    Suite& operator=(const Suite&) = delete;

    [[nodiscard]] Stack& stack() noexcept { return *stack_; }
    [[nodiscard]] Supervisor& supervisor() noexcept { return *supervisor_; }
    [[nodiscard]] PostgresCluster& postgres() noexcept { return *postgres_; }
    [[nodiscard]] NatsServer& nats() noexcept { return stack_->nats(); }
    [[nodiscard]] NatsCluster& cluster() noexcept { return *cluster_; }
    [[nodiscard]] bool has_cluster() const noexcept { return cluster_ != nullptr; }
    /// The link from a daemon to what it needs, e.g. "gateway-nats".
    [[nodiscard]] TcpProxy& link(const std::string& name) { return *links_.at(name); }
    /// "spool", "nats" or "postgres".
    [[nodiscard]] const SmallDisk& disk(const std::string& name) const { return *disks_.at(name); }
    [[nodiscard]] Ledger& ledger() noexcept { return ledger_; }
    /// The database's URL, wherever it is led to: past all faults of links. Thread-safe.
    [[nodiscard]] const std::string& database() const noexcept { return database_; }

    /// The status of a POST to the gateway, 0 without an answer. It waits while the clients are
    /// paused. Thread-safe.
    [[nodiscard]] unsigned post(const std::string& body);

    /// Requests that wait in the gateway's spool; nothing when it does not answer.
    [[nodiscard]] std::optional<std::uint64_t> spooled_files();

    /// A standby of PostgreSQL that follows it, on a disk of its own where there are small disks.
    [[nodiscard]] std::unique_ptr<PostgresCluster> make_standby();
    /// Leads everything to the server that was promoted; the former one must have ended.
    void replace_postgres(std::unique_ptr<PostgresCluster> promoted);

    /// Past all proxies.
    [[nodiscard]] std::string nats_url() const;

    void pause_clients();
    void resume_clients();  ///< also when they are not paused
    void finish_clients();
    /// Dead letters that were there before their stream was deleted.
    void keep_dead_letters();
    [[nodiscard]] const auto& kept_dead_letters() const noexcept { return kept_letters_; }

    /// Where tools write to, each a new line. Thread-safe.
    [[nodiscard]] std::filesystem::path tools_log() const { return folder_.path() / "tools.log"; }
    /// Copies what daemons, servers and tools have written so far.
    void copy_logs(const std::filesystem::path& folder);

  private:
    void make_disks();
    [[nodiscard]] std::size_t postgres_mebibytes() const;
    [[nodiscard]] std::map<std::string, Variables> connect_daemons();
    [[nodiscard]] std::filesystem::path disk_or_empty(const std::string& name) const;

    SuiteOptions options_;
    TemporaryDirectory folder_;
    std::map<std::string, std::unique_ptr<SmallDisk>> disks_;
    std::unique_ptr<PostgresCluster> postgres_;
    std::vector<std::unique_ptr<PostgresCluster>> former_postgres_;  ///< for their logs
    std::unique_ptr<SmallDisk> standby_disk_;                        ///< until it takes over
    std::unique_ptr<NatsCluster> cluster_;
    std::unique_ptr<Stack> stack_;
    std::map<std::string, std::unique_ptr<TcpProxy>> links_;
    std::string database_;
    Ledger ledger_;
    std::unordered_map<std::string, std::string> kept_letters_;
    std::unique_ptr<Supervisor> supervisor_;
    std::vector<std::unique_ptr<LoadClient>> clients_;
    std::mutex posting_;
    std::unique_lock<std::mutex> paused_{posting_, std::defer_lock};
};

}  // namespace events::test
