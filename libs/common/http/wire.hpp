#pragma once

#include "common/http/message.hpp"

#include <string>
#include <string_view>

namespace events::http {

/// Appends "Name: value" and a line break. Control characters in the value become spaces: a text
/// that came from elsewhere can't add a header.
void append_field(std::string& out, std::string_view name, std::string_view value);

enum class Persistence : std::uint8_t {
    keep,           ///< HTTP/1.1's default, so nothing is said
    keep_if_asked,  ///< an HTTP/1.0 client asked for it and is told that it has it
    close,
};

/// The status line and the header of an answer, up to and with the empty line.
[[nodiscard]] std::string response_head(const Response& response, std::string_view correlation_id,
                                        Persistence persistence);

/// Whether an answer of that status has a body at all (204 and 304 have none).
[[nodiscard]] constexpr bool may_have_body(unsigned status) noexcept {
    return status >= 200 && status != 204 && status != 304;
}

}  // namespace events::http
