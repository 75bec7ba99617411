#pragma once

#include <pqxx/pqxx>

#include <string>

namespace events::postgres {

/// Executes a statement that a connection prepares, by that name, at its first use.
template <typename... Parameters>
pqxx::result execute(pqxx::transaction_base& transaction, [[maybe_unused]] const char* name,
                     const std::string& sql, const Parameters&... parameters) {
#if PQXX_VERSION_MAJOR < 7
    transaction.conn().prepare(name, sql);  // does nothing where that is done
    return transaction.exec_prepared(name, parameters...);
#else
    return transaction.exec_params(sql, parameters...);  // 7.x refuses to prepare a second time
#endif
}

}  // namespace events::postgres
