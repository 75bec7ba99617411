#pragma once

#include "common/health/registry.hpp"
#include "common/http/router.hpp"
#include "common/metrics/registry.hpp"

namespace events::http {

/// GET /liveness, /readiness and /metrics, the same in every daemon (contract, section 1).
/// Both registries must outlive the server.
void add_operations_routes(Router& router, const health::Registry& health,
                           const metrics::Registry& metrics);

/// Of these, /liveness and /readiness, which need no thread but the server's.
void add_probe_routes(Router& router, const health::Registry& health);

}  // namespace events::http
