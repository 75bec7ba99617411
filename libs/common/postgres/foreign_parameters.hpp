#pragma once

#include "common/postgres/connection_string.hpp"

#include <string>
#include <string_view>

namespace events::postgres {

/// Takes over a parameter that libpq does not have, but Prisma, node-postgres or JDBC write into
/// their URLs. False for one that nobody is known to have.
[[nodiscard]] bool take_foreign(std::string_view name, const std::string& value,
                                ConnectionParameters& parameters);

}  // namespace events::postgres
