#include "common/postgres/foreign_parameters.hpp"

#include "common/config/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace events::postgres {
namespace {

struct Meaningless {
    std::string_view name;
    std::string_view instead;  ///< what has its meaning here; empty: nothing needs it
};

constexpr std::string_view kStatementTimeout = "DATABASE_STATEMENT_TIMEOUT_MS bounds a statement";

constexpr std::array<Meaningless, 13> kMeaningless{{
    {"connection_limit", "the reporter's connections are REPORT_CONNECTIONS"},
    {"pool_timeout", "how long a report waits for a connection is REPORT_TIMEOUT_MS"},
    {"pgbouncer", "a pooler in between has to be in session mode"},
    {"socket_timeout", kStatementTimeout},
    {"statement_timeout", kStatementTimeout},
    {"query_timeout", kStatementTimeout},
    {"sslidentity", "a client's certificate is sslcert with sslkey"},
    {"statement_cache_size", ""},
    {"single_use_connections", ""},
    {"max_connection_lifetime", ""},
    {"max_idle_connection_lifetime", ""},
    {"idle_in_transaction_session_timeout", ""},
    {"uselibpqcompat", ""},
}};

}  // namespace

bool take_foreign(std::string_view name, const std::string& value,
                  ConnectionParameters& parameters) {
    if (name == "schema" || name == "currentSchema") {
        parameters.schema = value;
        return true;
    }
    if (name == "ssl") {  // libpq knows ssl=true only
        const auto wanted = config::parse_boolean(value);
        parameters.options.try_emplace("sslmode", !wanted   ? value
                                                  : *wanted ? "require"
                                                            : "disable");
        return true;
    }
    if (name == "sslaccept") {
        // Who asks for a check must not get a connection without one.
        if (value == "strict") parameters.options.try_emplace("sslmode", "verify-full");
        parameters.warnings.emplace_back(
            value == "strict"
                ? "its parameter sslaccept=strict is read as sslmode=verify-full, with "
                  "sslrootcert for the authorities"
                : "its parameter sslaccept has no meaning here: sslmode says what of "
                  "the server's certificate is verified");
        return true;
    }
    const auto* known = std::ranges::find(kMeaningless, name, &Meaningless::name);
    if (known == kMeaningless.end()) return false;
    parameters.warnings.push_back(fmt::format("its parameter {} has no meaning here{}{}", name,
                                              known->instead.empty() ? "" : ": ", known->instead));
    return true;
}

}  // namespace events::postgres
