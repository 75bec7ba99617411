#pragma once

#include "common/config/secret.hpp"
#include "common/health/registry.hpp"
#include "common/logging/logger.hpp"
#include "common/nats/credentials.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

// natsConnection, so that nats.h stays out of our headers.
struct __natsConnection;  // NOLINT(bugprone-reserved-identifier)

namespace events::config {
class EnvReader;
}

namespace events::nats {

struct ConnectionOptions {
    config::Secret url;  ///< one or more nats:// or tls:// URLs, separated by commas
    std::string name;    ///< what the broker's monitoring shows, e.g. "gateway"
    std::chrono::milliseconds connect_timeout{2'000};
    std::chrono::milliseconds reconnect_wait{250};   ///< with as much jitter again
    std::chrono::milliseconds ping_interval{5'000};  ///< two unanswered ones: the peer is dead
    /// Whether each publish is a system call of its own; else cnats collects for a millisecond, or
    /// until somebody flushes, as Publisher does.
    bool send_at_once = true;
    CredentialFiles files{};
    std::string jetstream_domain{};  ///< where our streams are; empty: the server's own
};

/// NATS_URL, NATS_JS_DOMAIN, and what read_credential_files() reads; malformed ones are problems of
/// `read`.
[[nodiscard]] ConnectionOptions read_connection_options(config::EnvReader& read, std::string name);

/// The servers of the options' URL, without credentials, for people: "nats://a:4222,
/// nats://b:4222".
[[nodiscard]] std::string shown_servers(const ConnectionOptions& options);

/// One connection to NATS that connects and reconnects for ever, in the background and with
/// jitter: the constructor returns at once, whether or not a broker is there. Its state feeds the
/// indicator. Nothing is buffered while there is no connection: a publish then fails.
///
/// cnats reconnects a lost connection by itself. What it gives up on (the first connection, or
/// credentials that were refused twice) is made anew here, so it never stays closed; the files of
/// credentials and of the URL are read again then, so that they can be changed under a running
/// daemon. A connection that is lost is also made anew when the URL's file holds another one.
///
/// Thread-safe. Failure: the constructor throws Error only for options that can never work (a
/// malformed URL). The destructor flushes for a moment, closes, and waits for cnats' closed
/// callback, so no callback runs after it.
class Connection {
  public:
    Connection(ConnectionOptions options, logging::Logger log, health::Indicator& indicator);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    [[nodiscard]] bool connected() const noexcept;

    /// How many times a connection was made: it changes at each reconnect, which is when pending
    /// pull requests and acknowledgements are gone.
    [[nodiscard]] std::uint64_t generation() const noexcept;

    /// The largest message, headers included, that the server takes, as it said when the connection
    /// was made; before the first one nothing bounds it.
    [[nodiscard]] std::size_t max_payload() const noexcept;

    /// Waits until connected; false when `timeout` passed first.
    [[nodiscard]] bool wait_connected(std::chrono::milliseconds timeout) const;

    /// The options' domain.
    [[nodiscard]] const std::string& jetstream_domain() const noexcept;

    /// cnats' own handle: nothing before the first connection; another one after cnats gave the
    /// former up, which ends the subscriptions that were made on it.
    [[nodiscard]] std::shared_ptr<__natsConnection> native() const;

  private:
    struct State;
    struct Session;

    void keep_connected(const std::stop_token& stop);
    void await_end(std::unique_lock<std::mutex>& lock, const std::stop_token& stop);

    std::shared_ptr<State> state_;  // cnats' callbacks share it
    std::jthread keeper_;
};

}  // namespace events::nats
