#pragma once

#include <pqxx/pqxx>

#include <string>

namespace events::postgres {

/// A statement that a connection prepares at its first use.
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

/// A setting of sessions whose prepared statements are as good with any parameters: PostgreSQL
/// would take some of them for better with a plan for each call, which costs more than they do.
inline constexpr auto kPlanOnce = "SET plan_cache_mode = force_generic_plan;";

}  // namespace events::postgres
