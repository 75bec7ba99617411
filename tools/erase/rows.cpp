#include "erase/rows.hpp"

#include "common/postgres/sql_text.hpp"
#include "erase/ledger.hpp"
#include "erase/snapshot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace events::erase {
namespace {

using postgres::PartitionState;

/// The partition as the snapshot has it; nothing where it is not attached any more.
std::optional<PartitionState> state_of(pqxx::transaction_base& transaction,
                                       const PartitionState& partition) {
    const auto found = transaction.exec_params(
        fmt::format("SELECT is_built, is_plain, {}, {} FROM partition_states "
                    "WHERE source = $1 AND partition = $2",
                    postgres::microseconds_of("first"), postgres::microseconds_of("until")),
        std::string{partition.source.name()}, partition.partition);
    if (found.empty()) return std::nullopt;
    return PartitionState{.source = partition.source,
                          .partition = partition.partition,
                          .is_built = found[0][0].as<bool>(),
                          .is_plain = found[0][1].as<bool>(),
                          .first = found[0][2].as<std::int64_t>(),
                          .until = found[0][3].as<std::int64_t>()};
}

/// `query` has {0} for the table and {1} for a condition; $1 are the ids.
template <typename... Parameters>
RowCounts count(pqxx::transaction_base& transaction, const PartitionState& partition,
                const Places& places, Persons persons, std::string_view query,
                const Parameters&... parameters) {
    RowCounts counts;
    for (const auto& condition : conditions(partition, places)) {
        const auto sql = fmt::format(fmt::runtime(query), partition.source.name(), condition);
        const pqxx::result rows = transaction.exec_params(sql, ids_literal(persons), parameters...);
        for (const auto& row : rows) {
            counts[row[0].as<std::string>()] += row[1].as<std::int64_t>();
        }
    }
    return counts;
}

}  // namespace

std::vector<PartitionState> partitions_of(postgres::Connection& connection,
                                          std::span<const Source> sources) {
    auto all =
        connection.read([](auto& transaction) { return postgres::read_partitions(transaction); });
    std::erase_if(all, [&](const PartitionState& partition) {
        return std::ranges::find(sources, partition.source) == sources.end();
    });
    return all;
}

PartitionRows count_rows(postgres::Connection& connection, const PartitionState& partition,
                         Persons persons) {
    return connection.read([&](pqxx::transaction_base& transaction) -> PartitionRows {
        const auto state = state_of(transaction, partition);
        if (!state) return {};
        auto places = find_places(transaction, *state, persons);
        auto rows = count(transaction, *state, places, persons,
                          "SELECT user_id, count(*) FROM {0}_events "
                          "WHERE {1} AND user_id = ANY ($1::text[]) GROUP BY user_id");
        return {.places = std::move(places), .rows = std::move(rows)};
    });
}

PartitionRows delete_rows(postgres::Connection& connection, const PartitionState& partition,
                          Persons persons, const std::vector<Target>& targets,
                          const std::string& erased_at) {
    return in_snapshot(connection, [&](pqxx::transaction_base& transaction) -> PartitionRows {
        const auto state = state_of(transaction, partition);
        if (!state) return {};
        auto places = find_places(transaction, *state, persons);
        auto rows = count(transaction, *state, places, persons,
                          "WITH gone AS (DELETE FROM {0}_events WHERE {1} "
                          "AND user_id = ANY ($1::text[]) AND received_at <= $2::timestamptz "
                          "RETURNING user_id) "
                          "SELECT user_id, count(*) FROM gone GROUP BY user_id",
                          erased_at);
        for (const auto& target : targets) {
            const auto found = rows.find(persons[target.person].id);
            if (target.source != state->source || found == rows.end()) continue;
            Ledger::add(transaction, target.entry, {.rows = found->second});
        }
        return {.places = std::move(places), .rows = std::move(rows)};
    });
}

void export_rows(postgres::Connection& connection, const PartitionState& partition, Persons persons,
                 const std::function<void(std::string_view row)>& use) {
    connection.read([&](pqxx::transaction_base& transaction) {
        const auto state = state_of(transaction, partition);
        if (!state) return;
        const auto places = find_places(transaction, *state, persons);
        for (const auto& condition : conditions(*state, places)) {
            const auto rows = transaction.exec_params(
                fmt::format(
                    "SELECT row_to_json(event) FROM {}_events AS event "
                    "WHERE {} AND user_id = ANY ($1::text[]) ORDER BY occurred_at, event_id",
                    state->source.name(), condition),
                ids_literal(persons));
            for (const auto& row : rows) use({row[0].c_str(), row[0].size()});
        }
    });
}

}  // namespace events::erase
