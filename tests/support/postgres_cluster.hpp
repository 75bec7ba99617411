#pragma once

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace events::test {

/// A real PostgreSQL of its own: a new data folder, a free loopback port, one child process, which
/// runs as `postgres` when this process is root. It trades durability for speed, and its time
/// zone is far from UTC, so that code which relies on the server's zone is found out.
///
/// make_database() is thread-safe; the rest is for one thread. Failure: std::runtime_error with
/// the server's log.
class PostgresCluster {
  public:
    /// `settings` are added to the server's command line: {"fsync=on", "max_connections=10"}.
    /// The data is in `folder`, an existing one, or in one of the cluster's own.
    explicit PostgresCluster(std::vector<std::string> settings = {},
                             const std::filesystem::path& folder = {});
    /// A standby of `primary`, which must run: follows it until promote(). Its transactions wait
    /// for it from await_synchronous() on.
    PostgresCluster(PostgresCluster& primary, const std::filesystem::path& folder);
    ~PostgresCluster();
    PostgresCluster(const PostgresCluster&) = delete;
    PostgresCluster& operator=(const PostgresCluster&) = delete;

    /// Makes a new empty database and returns its URL.
    [[nodiscard]] std::string make_database();

    /// The URL of a database that need not exist.
    [[nodiscard]] std::string url(const std::string& database) const;
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// Of the postmaster, whose children do the work. The server must run.
    [[nodiscard]] pid_t pid() const { return server_->pid(); }

    /// Stops at once, without a checkpoint, as after a crash: the next start recovers.
    void kill();
    /// SIGKILL to the postmaster, whose children end when they notice; start() must follow.
    void crash();
    /// Starts it again when it does not run, on the same port with the same data.
    void start();
    /// Stops, if it runs, and starts again on the same port with the same data.
    void restart();
    /// SIGSTOP to every process of the server, until resume(): its connections stay open.
    void freeze() const;
    void resume() const;
    /// Makes the primary's commits wait for this standby, and returns when it has all that was
    /// committed before.
    void await_synchronous(PostgresCluster& primary) const;
    /// Takes the primary's place, which must not run any more.
    void promote() const;
    [[nodiscard]] std::filesystem::path log_file() const { return folder_.path() / "log"; }

  private:
    void stop(int signal);
    void signal_all(int number) const;
    [[nodiscard]] std::string log() const;

    TemporaryDirectory folder_;
    std::filesystem::path data_;
    std::vector<std::string> settings_;
    std::uint16_t port_;
    std::mutex mutex_;  ///< guards databases_
    int databases_ = 0;
    std::unique_ptr<Process> server_;
};

/// The one cluster of a test program: started at its first use, stopped when the program ends.
[[nodiscard]] PostgresCluster& postgres_cluster();

/// Runs a statement and returns the first column of its first row as text (UTC, ISO); empty for
/// NULL and for no row.
std::string query(const std::string& url, const std::string& sql);

}  // namespace events::test
