#pragma once

#include "common/http/message.hpp"

#include <optional>
#include <string>

namespace events::http {

/// Why HTTP itself refuses a request, whatever its route.
struct Refusal {
    unsigned status;
    std::string detail;
};

/// Fills `path` and `query` from `target`: "/events?x=1", or the same behind "http://host" or
/// "https://host", where TLS ended at a proxy.
/// False when it is neither.
[[nodiscard]] bool split_target(RequestHead& head);

/// 400, 417 or 501 for a header that leaves in doubt where its body ends, or that asks for what
/// the server does not offer (RFC 9112). `version` is 10 or 11.
[[nodiscard]] std::optional<Refusal> refuse_by_protocol(const RequestHead& head, unsigned version);

/// Whether the client waits for `100 Continue` before it sends the body.
[[nodiscard]] bool expects_continue(const RequestHead& head, unsigned version) noexcept;

}  // namespace events::http
