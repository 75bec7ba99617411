#include "common/postgres/connection.hpp"

#include "common/config/env_reader.hpp"
#include "common/postgres/connection_string.hpp"

#include <fmt/format.h>

#include <fstream>
#include <string_view>

namespace events::postgres {
namespace {

using namespace std::chrono_literals;

/// Without these a peer that vanished (power, cable, a frozen host) holds the thread for hours.
std::map<std::string, std::string> defaults_for(const Options& options) {
    return {
        {"application_name", options.application_name},
        {"connect_timeout", std::to_string(options.connect_timeout.count())},
        {"client_encoding", "UTF8"},
        {"keepalives", "1"},
        {"keepalives_idle", "15"},
        {"keepalives_interval", "5"},
        {"keepalives_count", "3"},
        {"tcp_user_timeout", "30000"},
    };
}

/// The session's settings, whatever the role's or the database's are. No notices or warnings: libpq
/// writes those that nobody takes to standard error. With the server's keepalives the locks of a
/// daemon that vanished are free after half a minute, not after two hours.
std::string session_settings(const Options& options) {
    return fmt::format(
        "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres';"
        "SET client_encoding = 'UTF8'; SET standard_conforming_strings = on;"
        "SET client_min_messages = error; SET statement_timeout = {};"
        "SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5;"
        "SET tcp_keepalives_count = 3;{}",
        options.statement_timeout.count(), options.settings);
}

/// What an SQLSTATE means for the caller and for the connection.
enum class Verdict {
    content_refused,
    took_too_long,
    try_again,
    try_again_on_a_new_connection,
    bug,
};

Verdict verdict_on(std::string_view sqlstate) {
    const auto is_class = [&](std::string_view prefix) { return sqlstate.starts_with(prefix); };
    if (sqlstate.empty()) return Verdict::try_again_on_a_new_connection;  // libpq's own error
    if (is_class("22") || is_class("23")) return Verdict::content_refused;
    // These leave the session usable: cancelled, rolled back, a lock that is not free.
    if (sqlstate == "57014") return Verdict::took_too_long;
    if (is_class("40") || is_class("55")) return Verdict::try_again;
    if (is_class("08") || is_class("53") || is_class("57") || is_class("58") || is_class("XX")) {
        return Verdict::try_again_on_a_new_connection;
    }
    // None of these is the SQL's fault: read-only (after a failover the session is on the former
    // primary), idle for too long, and our prepared statements thrown away by a pooler between.
    if (sqlstate == "25006" || sqlstate == "25P03" || sqlstate == "26000") {
        return Verdict::try_again_on_a_new_connection;
    }
    return Verdict::bug;
}

std::string text_of(const std::exception& error) {
    std::string text = error.what();
    while (text.ends_with('\n')) text.pop_back();
    return text.empty() ? "the connection to the database is lost" : text;
}

/// Makes the schema all that the session's names are looked up in.
void enter_schema(Session& session, const std::string& schema) {
    pqxx::nontransaction work{session};
    const auto name = work.quote_name(schema);
    const auto usable = fmt::format(
        "SELECT coalesce(has_schema_privilege(to_regnamespace({})::oid, 'USAGE'), false)",
        work.quote(name));
    if (!work.exec1(usable)[0].as<bool>()) {
        throw Unavailable{fmt::format(
            "the schema {} of DATABASE_URL is not in this database, or not open to this role: "
            "CREATE SCHEMA {}, or GRANT USAGE ON SCHEMA {}",
            name, name, name)};
    }
    work.exec("SET search_path = " + name);
}

/// A file with an authority's certificate is what verifying needs, at each connection.
void check_authorities(const ConnectionParameters& parameters, config::EnvReader& read) {
    const auto& options = parameters.options;
    const auto mode = options.find("sslmode");
    const auto file = options.find("sslrootcert");
    if (mode == options.end() || file == options.end()) return;
    if (!mode->second.starts_with("verify-") || std::ifstream{file->second}.peek() >= 0) return;
    read.problem("DATABASE_URL", "***", "one whose sslrootcert is a file that can be read");
}

}  // namespace

Options read_options(config::EnvReader& read, std::string application_name) {
    Options options{
        .url = read.secret("DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/events",
                           "PostgreSQL's URL: postgresql://user:password@host:port/database"),
        .application_name = std::move(application_name),
        .connect_timeout = 5s,
        .statement_timeout =
            read.milliseconds("DATABASE_STATEMENT_TIMEOUT_MS", 30s, {100ms, 1h},
                              "how long one statement may take in the database, milliseconds"),
    };
    const auto parameters = parse_connection_parameters(options.url.reveal());
    if (!parameters) {
        read.problem("DATABASE_URL", "***", "a PostgreSQL URL: " + parameters.error());
        return options;
    }
    for (const auto& warning : parameters->warnings) read.warning("DATABASE_URL", warning);
    check_authorities(*parameters, read);
    return options;
}

Connection::Connection(Options options, std::vector<Statement> statements)
    : options_{std::move(options)}, statements_{std::move(statements)} {
    if (options_.answer_timeout > 0ms) {
        watch_ = std::make_unique<HangWatch>(interrupter_, options_.answer_timeout);
    }
}

Session& Connection::open() {
    if (session_) return *session_;
    options_.url = options_.url.renewed();
    auto parameters = parse_connection_parameters(options_.url.reveal());
    if (!parameters) throw Unavailable{"DATABASE_URL is no PostgreSQL URL: " + parameters.error()};
    parameters_ = std::move(*parameters);

    auto made = std::make_shared<Session>(connection_string(parameters_, defaults_for(options_)));
    interrupter_->attach(made);
    pqxx::nontransaction{*made}.exec(session_settings(options_));
    if (!parameters_.schema.empty()) enter_schema(*made, parameters_.schema);
    for (const auto& statement : statements_) {
        made->prepare(statement.name, statement.sql);
#if PQXX_VERSION_MAJOR < 7
        made->prepare_now(statement.name);  // 7.x does not wait for the first use either
#endif
    }
    session_ = std::move(made);
    return *session_;
}

void Connection::rethrow() {
    try {
        throw;
    } catch (const pqxx::transaction_rollback& error) {
        throw Unavailable{text_of(error)};  // 40xxx, without its SQLSTATE in 6.x
    } catch (const pqxx::sql_error& error) {
        const auto why = fmt::format("{} (SQLSTATE {})", without_user(text_of(error), parameters_),
                                     error.sqlstate());
        switch (verdict_on(error.sqlstate())) {
            case Verdict::content_refused:
                throw ContentRefused{why, error.sqlstate()};
            case Verdict::took_too_long:
                throw TookTooLong{why};
            case Verdict::try_again:
                throw Unavailable{why};
            case Verdict::try_again_on_a_new_connection:
                close();
                throw Unavailable{why};
            case Verdict::bug:
                throw;
        }
        throw;
    } catch (const pqxx::failure& error) {  // broken_connection, in_doubt_error, libpq's own
        close();
        throw Unavailable{without_user(text_of(error), parameters_)};
    }
}

void Connection::ping() {
    guarded([](Session& session) { pqxx::nontransaction{session}.exec("SELECT 1"); });
}

void Connection::leave_transaction() noexcept {
    if (!session_) return;
    try {
        pqxx::nontransaction{*session_}.exec("ROLLBACK");
    } catch (const std::exception&) {
        close();
    }
}

void Connection::close() noexcept {
    interrupter_->detach();
    session_.reset();
}

}  // namespace events::postgres
