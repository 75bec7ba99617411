#pragma once

#include "reporter/sql.hpp"

#include <pqxx/pqxx>

namespace events::reporter {

/// Runs a statement in a report's snapshot.
inline pqxx::result run(pqxx::transaction_base& transaction, const Sql& sql) {
    return transaction.exec_params(sql.text, pqxx::prepare::make_dynamic_params(sql.parameters));
}

}  // namespace events::reporter
