#pragma once

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace events::test {

/// A real pgbouncer on a free loopback port, before a PostgreSQL on loopback that trusts everybody.
/// Runs as `postgres` when this process is root. Failure: std::runtime_error with its log.
class PgBouncer {
  public:
    /// `mode`: session, transaction or statement. `settings` are lines of its configuration:
    /// {"default_pool_size = 5"}. The roles that may connect are `roles`.
    PgBouncer(std::uint16_t postgres_port, const std::string& mode,
              const std::vector<std::string>& settings = {},
              const std::vector<std::string>& roles = {"postgres"});

    /// The same database through it: `url` is PostgreSQL's own.
    [[nodiscard]] std::string through(std::string url) const;
    [[nodiscard]] std::string log() const;

  private:
    TemporaryDirectory folder_;
    std::uint16_t postgres_port_;
    std::uint16_t port_;
    std::unique_ptr<Process> server_;
};

}  // namespace events::test
