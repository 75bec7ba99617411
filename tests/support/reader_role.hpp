#pragma once

#include <map>
#include <string>
#include <vector>

namespace events::test {

/// Runs deploy/postgres/reader.sql with psql on the database, with these of psql's variables and of
/// the environment's. Throws with what psql printed.
void make_reader(const std::string& url, const std::map<std::string, std::string>& variables = {},
                 const std::map<std::string, std::string>& environment = {});

/// The same with deploy/postgres/roles.sql, for the roles of the daemons.
void make_roles(const std::string& url, const std::map<std::string, std::string>& variables = {},
                const std::map<std::string, std::string>& environment = {});

/// The database's URL for another role.
[[nodiscard]] std::string as_role(const std::string& url, const std::string& role);

}  // namespace events::test
