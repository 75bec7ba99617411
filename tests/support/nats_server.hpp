#pragma once

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace events::test {

struct NatsServerOptions {
    std::string max_file_store = {};   ///< e.g. "64MB"; the server's own default when empty
    bool monitoring = false;           ///< with an HTTP port, see NatsServer::monitoring_url()
    std::string extra = {};            ///< more lines for the configuration file
    bool started = true;               ///< else start() does it
    std::filesystem::path store = {};  ///< JetStream's files; in the server's own folder when empty
    bool jetstream = true;
    std::string domain = {};  ///< of JetStream
};

/// A real nats-server, with JetStream by default, on a loopback port, its files in a folder of its
/// own. It keeps port and folder over restarts, and ends with the object.
class NatsServer {
  public:
    explicit NatsServer(NatsServerOptions options = {});

    void start();
    /// Replaces NatsServerOptions::extra, from the next start on.
    void configure(const std::string& extra);
    /// SIGTERM, then SIGKILL when that takes too long.
    void stop();
    /// SIGKILL: no goodbye to the clients.
    void kill();
    void restart() {
        stop();
        start();
    }
    /// Stops answering, with its connections open, until resume(): a peer that hangs.
    void freeze() const;
    void resume() const;

    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::string monitoring_url() const;
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// Of the server's process, which must run.
    [[nodiscard]] pid_t pid() const { return process_->pid(); }
    [[nodiscard]] std::string log() const;
    [[nodiscard]] std::filesystem::path log_file() const { return directory_.path() / "nats.log"; }

  private:
    NatsServerOptions options_;
    TemporaryDirectory directory_;
    std::uint16_t port_;
    std::uint16_t monitoring_port_ = 0;
    std::optional<Process> process_;
};

}  // namespace events::test
