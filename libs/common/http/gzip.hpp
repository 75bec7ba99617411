#pragma once

#include "common/http/message.hpp"

#include <string>

namespace events::http {

/// Whether the client takes gzip, by its name or by "*", and likes it no less than the plain
/// answer (RFC 9110, 12.5.3). Reads all of the request's Accept-Encoding. Pure.
[[nodiscard]] bool prefers_gzip(const RequestHead& head) noexcept;

/// Packs a body where that is worth it: one that fits into a packet as it is stays, and so does
/// one of more than 64 MiB. True when it is packed now.
///
/// The fastest level: JSON and metrics become a tenth even so. It takes about 10 ms for each MB, so
/// it is not done on a server's thread.
[[nodiscard]] bool pack(std::string& body);

}  // namespace events::http
