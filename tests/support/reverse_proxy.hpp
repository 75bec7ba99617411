#pragma once

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace events::test {

enum class ProxyKind : std::uint8_t { nginx, haproxy, caddy };

[[nodiscard]] std::string_view to_string(ProxyKind kind) noexcept;

/// A real proxy before a gateway and a reporter, by the file of deploy/proxies that people are
/// told to use, with other ports: /events is the gateway's, /marketing/ the reporter's.
class ReverseProxy {
  public:
    /// Returns when it listens; throws with its log where it ends instead.
    ReverseProxy(ProxyKind kind, std::uint16_t gateway_port, std::uint16_t reporter_port);

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// "http://127.0.0.1:<port>".
    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::string log() const;

  private:
    TemporaryDirectory folder_;
    std::uint16_t port_;
    std::unique_ptr<Process> process_;
};

}  // namespace events::test
