#pragma once

#include "common/http/router.hpp"
#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace events::config {
class EnvReader;
}

namespace events::http {

struct ServerOptions {
    std::string host = "0.0.0.0";
    std::uint16_t port = 0;  ///< 0: any free one, see Server::port()
    std::chrono::milliseconds header_timeout{10'000};
    std::chrono::milliseconds body_timeout{30'000};
    /// Longer than balancers keep a connection for later (Google's: 600 s), so that none sends a
    /// request to one that was just closed.
    std::chrono::milliseconds idle_timeout{620'000};
    std::chrono::milliseconds write_timeout{30'000};
    std::size_t max_connections = 4'096;
    std::size_t max_header_bytes = 8'192;
    std::size_t max_unsent_bytes = std::size_t{256} << 20;
};

/// PORT, HOST, HTTP_HEADER_TIMEOUT_MS, HTTP_BODY_TIMEOUT_MS, HTTP_IDLE_TIMEOUT_MS,
/// HTTP_WRITE_TIMEOUT_MS, HTTP_MAX_CONNECTIONS, HTTP_MAX_HEADER_BYTES, HTTP_MAX_UNSENT_BYTES.
[[nodiscard]] ServerOptions read_server_options(config::EnvReader& read,
                                                std::uint16_t default_port);

/// Why a server could not listen on this machine with these options; empty when it could. That the
/// port is taken at the moment is not looked at.
[[nodiscard]] std::string listening_problem(const ServerOptions& options);

/// The address and port that others than this machine may reach; nothing where it listens to this
/// machine only.
[[nodiscard]] std::optional<std::string> public_address(const ServerOptions& options);

/// An HTTP/1.1 server on one thread of its own.
///
/// Answers by itself what no handler should care about: 400 (not HTTP), 404, 405 with Allow, 408
/// (header or body too slow), 413 (from Content-Length before the body is read, or while it is
/// read), 417, 431, 501 (Transfer-Encoding other than chunked); `Expect: 100-continue`; HEAD;
/// keep-alive and pipelined requests; a client that leaves before its answer. Each answer carries
/// Date and X-Correlation-Id; each request is counted (http_requests_total,
/// http_request_duration_seconds).
///
/// Whoever waits for nothing but slow clients is not kept from the others: when max_connections are
/// open and another one comes, those go that have been silent longest; when more than
/// max_unsent_bytes of answers wait to be taken, those go that have been taking theirs longest
/// (http_evicted_connections_total).
///
/// Thread-safety: the public functions may be called from any thread.
/// Failure: the constructor throws std::system_error when the address is taken.
class Server {
  public:
    Server(ServerOptions options, Router router, logging::Logger log, metrics::Registry& metrics);
    /// Closes what is still open; call drain() first for a graceful end.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept;

    /// Where handlers run; work that finished elsewhere is resumed here.
    [[nodiscard]] boost::asio::any_io_executor executor() noexcept;

    /// The first part of drain(): returns true when all were answered by `deadline`, and leaves
    /// what still runs running, e.g. for one who makes its work end.
    bool quiesce(std::chrono::steady_clock::time_point deadline);

    /// Stops listening, closes idle connections, lets requests in hand get their answers (with
    /// `Connection: close`). Returns when all are closed or `deadline` has passed: true when all
    /// were answered.
    bool drain(std::chrono::steady_clock::time_point deadline);

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace events::http
