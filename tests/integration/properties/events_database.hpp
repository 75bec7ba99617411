#pragma once

#include "common/postgres/migrations.hpp"
#include "support/environment.hpp"
#include "support/postgres_cluster.hpp"

#include <string>

namespace events::test {

/// Makes a database with our schema and with the third source of the tests; returns its URL.
inline std::string make_events_database() {
    auto url = postgres_cluster().make_database();
    postgres::Connection connection{{.url = config::Secret{url}, .application_name = "test"}, {}};
    postgres::migrate(connection, postgres::embedded_migrations(),
                      {"test", {.level = logging::Level::fatal}});
    query(url, "SET search_path = events; " +
                   read_file(source_directory() / "tests" / "support" / "make_google.sql"));
    return url;
}

}  // namespace events::test
