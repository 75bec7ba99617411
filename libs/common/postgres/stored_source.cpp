#include "common/postgres/stored_source.hpp"

#include <pqxx/pqxx>

namespace events::postgres {
namespace {

constexpr auto kTable = "SELECT parent FROM sources WHERE source = $1";
constexpr auto kTypes =
    "SELECT event_type, funnel_stage, has_revenue FROM event_types WHERE source = $1 "
    "ORDER BY event_type";
constexpr auto kColumns =
    "SELECT attname, format_type(atttypid, atttypmod), "
    "attnotnull AND NOT atthasdef AND attidentity = '' "
    "FROM sources JOIN pg_attribute ON attrelid = parent "
    "WHERE source = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum";
constexpr auto kDimensions = "SELECT unnest(dimensions) FROM sources WHERE source = $1";

std::string text_in(const pqxx::field& field) {
    return field.as<std::string>();
}

}  // namespace

std::optional<StoredSource> find_stored_source(Connection& connection, const std::string& name) {
    return connection.read([&](pqxx::transaction_base& transaction) -> std::optional<StoredSource> {
        const auto table = transaction.exec_params(kTable, name);
        if (table.empty()) return std::nullopt;
        StoredSource found{
            .table = text_in(table[0][0]), .types = {}, .columns = {}, .dimensions = {}};
        for (const auto& row : transaction.exec_params(kTypes, name)) {
            found.types.push_back({text_in(row[0]), text_in(row[1]), row[2].as<bool>()});
        }
        for (const auto& row : transaction.exec_params(kColumns, name)) {
            found.columns.push_back({text_in(row[0]), text_in(row[1]), row[2].as<bool>()});
        }
        for (const auto& row : transaction.exec_params(kDimensions, name)) {
            found.dimensions.push_back(text_in(row[0]));
        }
        return found;
    });
}

}  // namespace events::postgres
