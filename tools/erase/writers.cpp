#include "erase/writers.hpp"

#include "common/postgres/array_literal.hpp"
#include "common/retry/pause.hpp"

#include <chrono>
#include <stop_token>
#include <string>

namespace events::erase {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 20ms;

/// Each of the transactions that write, with its process.
constexpr auto kWriters = R"(
SELECT DISTINCT virtualtransaction, coalesce('pid ' || pid, 'a prepared transaction')
FROM pg_locks
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND relation IN (SELECT relid FROM sources CROSS JOIN pg_partition_tree(parent))
  AND pid IS DISTINCT FROM pg_backend_pid()
  AND (cardinality($1::text[]) = 0 OR virtualtransaction = ANY ($1::text[])))";

struct Writers {
    postgres::ArrayLiteral transactions;
    std::string who;
};

Writers look(postgres::Connection& connection, const std::string& among) {
    return connection.transact([&](pqxx::work& work) {
        Writers found;
        for (const auto& row : work.exec_params(kWriters, among)) {
            found.transactions.add(std::string_view{row[0].c_str(), row[0].size()});
            found.who += (found.who.empty() ? "" : ", ") + row[1].as<std::string>();
        }
        return found;
    });
}

}  // namespace

bool await_writers(postgres::Connection& connection,
                   const std::function<bool(std::string_view who)>& waits) {
    auto writers = look(connection, "{}");
    while (!writers.who.empty()) {
        if (!waits(writers.who)) return false;
        retry::pause(kLook, std::stop_token{});
        writers = look(connection, writers.transactions.text());
    }
    return true;
}

}  // namespace events::erase
