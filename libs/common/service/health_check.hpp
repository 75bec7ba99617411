#pragma once

#include "common/http/server.hpp"

namespace events::service {

/// Asks the daemon that listens with these options for its readiness: EXIT_SUCCESS when it is
/// ready. Prints what it answered otherwise. For containers, which have neither shell nor curl.
[[nodiscard]] int check_health(const http::ServerOptions& options);

}  // namespace events::service
