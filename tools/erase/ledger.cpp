#include "erase/ledger.hpp"

#include "common/postgres/array_literal.hpp"

#include <string_view>

namespace events::erase {
namespace {

constexpr auto kInsert =
    "INSERT INTO erasures (source, user_hash, erased_at, requested_by, reason) "
    "SELECT $1, sha256(salt || convert_to($2, 'UTF8')), $3::timestamptz, $4, $5 FROM erasure_list "
    "RETURNING id";

constexpr auto kRfc3339 = R"('YYYY-MM-DD"T"HH24:MI:SS.US"Z"')";

}  // namespace

std::string Ledger::begin(Persons persons, std::vector<Target>& targets, const Occasion& occasion) {
    return connection_.transact([&](pqxx::work& work) {
        // Others that add wait here, so that the list changes with each version.
        const auto erased_at =
            work.exec1(
                    "UPDATE erasure_list SET version = version + 1 RETURNING clock_timestamp()")[0]
                .as<std::string>();
        for (auto& target : targets) {
            target.entry = work.exec_params1(kInsert, std::string{target.source.name()},
                                             persons[target.person].id, erased_at,
                                             occasion.requested_by, occasion.reason)[0]
                               .as<std::int64_t>();
        }
        return erased_at;
    });
}

void Ledger::add(pqxx::transaction_base& transaction, std::int64_t entry, const Found& removed) {
    transaction.exec_params(
        "UPDATE erasures SET rows = rows + $2, letters = letters + $3, "
        "waiting_events = waiting_events + $4 WHERE id = $1",
        entry, removed.rows, removed.letters, removed.waiting_events);
}

void Ledger::add(std::int64_t entry, const Found& removed) {
    connection_.transact([&](pqxx::work& work) { add(work, entry, removed); });
}

void Ledger::finish(const std::vector<Target>& targets) {
    postgres::ArrayLiteral entries;
    for (const auto& target : targets) entries.add(target.entry);
    connection_.transact([&](pqxx::work& work) {
        work.exec_params("UPDATE erasures SET finished_at = now() WHERE id = ANY ($1::bigint[])",
                         entries.text());
    });
}

std::vector<LedgerLine> Ledger::lines(Persons persons) {
    return connection_.read([&](pqxx::transaction_base& transaction) {
        const auto time = [](std::string_view column) {
            return "to_char(" + std::string{column} + " AT TIME ZONE 'UTC', " + kRfc3339 + ")";
        };
        const auto rows = transaction.exec_params(
            "SELECT id, source, encode(user_hash, 'hex'), " + time("erased_at") + ", coalesce(" +
                time("finished_at") +
                ", ''), requested_by, reason, rows, letters, waiting_events FROM erasures "
                "WHERE cardinality($1::text[]) = 0 OR user_hash IN (SELECT sha256(salt || "
                "convert_to(id, 'UTF8')) "
                "FROM erasure_list CROSS JOIN unnest($1::text[]) AS persons (id)) ORDER BY id",
            ids_literal(persons));
        std::vector<LedgerLine> lines;
        for (const auto& row : rows) {
            lines.push_back({.id = row[0].as<std::int64_t>(),
                             .source = row[1].as<std::string>(),
                             .user_hash = row[2].as<std::string>(),
                             .erased_at = row[3].as<std::string>(),
                             .finished_at = row[4].as<std::string>(),
                             .occasion = {.requested_by = row[5].as<std::string>(),
                                          .reason = row[6].as<std::string>()},
                             .removed = {.rows = row[7].as<std::int64_t>(),
                                         .letters = row[8].as<std::int64_t>(),
                                         .waiting_events = row[9].as<std::int64_t>()}});
        }
        return lines;
    });
}

}  // namespace events::erase
