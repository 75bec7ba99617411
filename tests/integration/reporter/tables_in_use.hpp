#pragma once

#include "support/await.hpp"
#include "support/postgres_cluster.hpp"

#include <pqxx/pqxx>

#include <string>

namespace events::reporter {

/// Holds what every report reads, and what fills the cache ahead of them.
class TablesInUse {
  public:
    explicit TablesInUse(const std::string& url) : connection_{url}, transaction_{connection_} {
        transaction_.exec(
            "LOCK TABLE events.event_changes, facebook_events, tiktok_events"
            " IN ACCESS EXCLUSIVE MODE");
    }

  private:
    pqxx::connection connection_;
    pqxx::work transaction_;
};

/// Waits until `count` statements wait for a lock.
[[nodiscard]] inline bool await_blocked(const std::string& url, int count) {
    const std::string sql =
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
        " WHERE NOT granted AND datname = current_database()";
    return test::await([&] { return test::query(url, sql) == std::to_string(count); });
}

}  // namespace events::reporter
