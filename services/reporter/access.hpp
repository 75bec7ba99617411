#pragma once

#include "common/http/auth.hpp"
#include "common/http/auth_probe.hpp"

#include <span>

namespace events::reporter {

/// Who may see figures: whoever shows one of the tokens as `Authorization: Bearer`; without any
/// token, everybody. The page, /docs and /openapi.json hold no figures and need none.
/// For the server's thread. Must outlive the server.
class Access {
  public:
    Access(std::span<const config::Secret> tokens, metrics::Registry& metrics, logging::Logger log);

    /// For the routes with figures; empty where there are no tokens.
    [[nodiscard]] http::Admission admission();

  private:
    Expected<std::shared_ptr<http::Permit>, http::Response> admit(const http::RequestHead& head);

    http::KeyRing tokens_;
    http::AuthProbe probe_;
};

}  // namespace events::reporter
