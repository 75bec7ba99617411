#pragma once

#include "common/expected.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace events::http {

/// Where a client posts to.
struct Endpoint {
    std::string host;
    std::uint16_t port = 80;
    std::string target = "/";
};

/// Reads an http:// URL; the error says what is wrong with it (https is not offered).
[[nodiscard]] Expected<Endpoint, std::string> parse_endpoint(std::string_view url);

struct ClientRequest {
    std::string_view method = "GET";
    std::string_view target = "/";
    std::string_view content_type{};  ///< empty: no Content-Type
    std::string_view body{};
    std::vector<std::pair<std::string, std::string>> headers{};
};

struct ClientResponse {
    unsigned status = 0;
    std::string body{};
    std::vector<std::pair<std::string, std::string>> headers{};

    /// The first header of that name, in any case; empty when there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

/// No answer: `sent` tells whether the request may have reached the server.
struct ClientError {
    std::string message;
    bool sent = false;
};

/// A blocking HTTP/1.1 client with one kept-alive connection, made anew when it broke. The
/// deadline covers connecting, sending and receiving, not the system's look-up of a host's name. A
/// request is never sent twice by itself, except on a kept-alive connection that the server had
/// closed before anything was sent. One per thread.
class Client {
  public:
    Client(std::string host, std::uint16_t port);
    ~Client();
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;

    [[nodiscard]] Expected<ClientResponse, ClientError> send(const ClientRequest& request,
                                                             std::chrono::milliseconds deadline);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace events::http
