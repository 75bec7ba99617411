#pragma once

#include "common/http/message.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace events::http {

/// Appends "Name: value" and a line break. Control characters in the value become spaces: a text
/// that came from elsewhere can't add a header.
void append_field(std::string& out, std::string_view name, std::string_view value);

/// The header fields that tell a client whether, and for how long, it may use the connection again.
///
/// Clients are told less than the idle timeout: one that sends in the last of its seconds meets an
/// open connection. And at most 75 seconds, whatever the timeout: what is in between, a balancer or
/// NAT, may forget an idle connection long before the server does.
class Persistence {
  public:
    explicit Persistence(std::chrono::milliseconds idle_timeout);

    [[nodiscard]] std::string_view fields(bool close) const noexcept;

  private:
    std::string keep_;
};

/// The status line and the header of an answer, up to and with the empty line. `date` is the value
/// of Date, `connection` whole fields; neither they nor the id are looked at any more.
[[nodiscard]] std::string response_head(const Response& response, std::string_view correlation_id,
                                        std::string_view date, std::string_view connection);

/// Whether an answer of that status has a body at all (204 and 304 have none).
[[nodiscard]] constexpr bool may_have_body(unsigned status) noexcept {
    return status >= 200 && status != 204 && status != 304;
}

}  // namespace events::http
