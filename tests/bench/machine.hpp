#pragma once

#include "support/postgres_cluster.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace events::bench {

/// What the figures depend on: processor, cores, kernel, the file system of the servers' data, the
/// versions of the servers, how durable PostgreSQL is, as it says itself, how the daemons were
/// compiled.
[[nodiscard]] nlohmann::ordered_json describe_machine(const test::PostgresCluster& cluster);

/// The same as lines for people.
[[nodiscard]] std::string describe(const nlohmann::ordered_json& machine);

/// The first line that a command prints, on either output.
[[nodiscard]] std::string output_of(std::vector<std::string> command);

}  // namespace events::bench
