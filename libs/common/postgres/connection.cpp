#include "common/postgres/connection.hpp"

#include "common/config/env_reader.hpp"
#include "common/postgres/connection_string.hpp"
#include "common/postgres/server_clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>

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

/// Before the statement's own, so that a lock is told as one.
std::chrono::milliseconds lock_timeout_of(const Options& options) {
    return std::max(options.statement_timeout / 2, 1ms);
}

/// The session's settings, whatever the role's or the database's are. No notices or warnings: libpq
/// writes those that nobody takes to standard error. With the server's keepalives the locks of a
/// daemon that vanished are free after half a minute, not after two hours; of one that died in the
/// midst of a statement after ten seconds, where the server can look for that. What is acknowledged
/// is on the disk, and on synchronous standbys: only a stricter setting of theirs stays.
std::string session_settings(const Options& options) {
    return fmt::format(
        "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres';"
        "SET client_encoding = 'UTF8'; SET standard_conforming_strings = on;"
        "SET client_min_messages = error; SET statement_timeout = {}; SET lock_timeout = {};"
        "SET default_transaction_isolation = 'read committed';"
        "SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5;"
        "SET tcp_keepalives_count = 3;"
        "SELECT set_config('client_connection_check_interval', '10s', false)"
        " WHERE version() LIKE '%linux%';"
        "SELECT set_config('synchronous_commit', 'on', false)"
        " WHERE current_setting('synchronous_commit') <> 'remote_apply';{}",
        options.statement_timeout.count(), lock_timeout_of(options).count(), options.settings);
}

/// Whether the session can go on after such an error. Not when it is read-only: after a failover
/// it may be on the former primary.
bool leaves_session_usable(Cause cause) {
    return cause != Cause::no_answer && cause != Cause::not_ready && cause != Cause::read_only &&
           cause != Cause::exhausted && cause != Cause::failed;
}

/// What the server said, where that is what libpqxx throws.
std::optional<ServerError> said_in(const pqxx::failure& error, const Session& session) {
    const auto& said = session.last_error();
    // libpqxx puts the message into its text, and an SQLSTATE into some of its exceptions only.
    const std::string_view text{error.what()};
    if (!said || text.find(said->message) == std::string_view::npos) return std::nullopt;
    return said;
}

std::string text_of(const std::exception& error) {
    std::string text = error.what();
    while (text.ends_with('\n')) text.pop_back();
    return text.empty() ? "the connection to the database is lost" : text;
}

/// A schema that the URL names has to be there: names would be looked up elsewhere.
void require_schema(pqxx::transaction_base& work, const std::string& schema) {
    const auto name = work.quote_name(schema);
    const auto usable = fmt::format(
        "SELECT coalesce(has_schema_privilege(to_regnamespace({})::oid, 'USAGE'), false)",
        work.quote(name));
    if (work.exec1(usable)[0].as<bool>()) return;
    throw Unavailable{fmt::format(
        "the schema {} of DATABASE_URL is not in this database, or not open to this role: "
        "CREATE SCHEMA {}, or GRANT USAGE ON SCHEMA {}",
        name, name, name)};
}

std::string tables_schema_of(const ConnectionParameters& parameters) {
    return parameters.schema.empty() ? "public" : parameters.schema;
}

/// Has the session's names looked up in our own schema, then in that of the tables of events.
void enter_schemas(Session& session, const std::string& own, const ConnectionParameters& url) {
    pqxx::nontransaction work{session};
    if (!url.schema.empty()) require_schema(work, url.schema);
    work.exec(fmt::format("SET search_path = {}, {}", work.quote_name(own),
                          work.quote_name(tables_schema_of(url))));
}

/// PostgreSQL would cut a longer name, and keeps names that begin with pg_ for itself.
void check_schema(const std::string& name, config::EnvReader& read) {
    constexpr std::size_t kLongest = 63;
    if (!name.empty() && name.size() <= kLongest && !name.starts_with("pg_") &&
        name != "information_schema") {
        return;
    }
    read.problem("DATABASE_SCHEMA", name,
                 "a schema's name: 1 to 63 bytes, not beginning with pg_, not information_schema");
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
        .schema = read.text("DATABASE_SCHEMA", "events",
                            "the schema of all that is ours but the two tables of events"),
        .connect_timeout = 5s,
        .statement_timeout =
            read.milliseconds("DATABASE_STATEMENT_TIMEOUT_MS", 30s, {100ms, 1h},
                              "how long one statement may take in the database, milliseconds"),
    };
    check_schema(options.schema, read);
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
        watchdog_ = std::make_shared<Watchdog>(interrupter_, options_.answer_timeout);
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
    opening_ = made;
    if (watchdog_) {
        watchdog_->renew();  // several hosts may each have taken their connect_timeout
        // Weak: the watchdog knows the session, by the interrupter.
        made->on_result([watched = std::weak_ptr{watchdog_}] {
            if (const auto watchdog = watched.lock()) watchdog->renew();
        });
    }
    if (!options_.bare) {
        pqxx::nontransaction{*made}.exec(session_settings(options_));
        if (options_.server_clock != nullptr) compare_clocks(*made, *options_.server_clock);
        enter_schemas(*made, options_.schema, parameters_);
    }
    for (const auto& statement : statements_) {
        made->prepare(statement.name, statement.sql);
#if PQXX_VERSION_MAJOR < 7
        made->prepare_now(statement.name);  // 7.x does not wait for the first use either
#endif
    }
    session_ = std::move(made);
    opening_.reset();
    return *session_;
}

void Connection::rethrow() {
    try {
        throw;
    } catch (const pqxx::failure& error) {
        const auto opening = std::exchange(opening_, nullptr);
        const auto& session = session_ ? session_ : opening;
        if (const auto said = session ? said_in(error, *session) : std::nullopt) refuse(*said);
        close();  // libpq's own failure: the connection is lost
        throw Unavailable{without_user(text_of(error), parameters_)};
    }
}

void Connection::refuse(const ServerError& said) {
    const auto cause = cause_of(said.sqlstate);
    if (!leaves_session_usable(cause)) close();
    auto told = said;
    told.message = without_user(std::move(told.message), parameters_);
    if (hide_values_) hide_values_(told);
    const auto why = describe(told);
    if (cause == Cause::too_slow) throw TookTooLong{why};
    if (is_passing(told.sqlstate)) throw Unavailable{why, cause};
    throw Refused{why, std::move(told)};
}

std::string Connection::tables_schema() const {
    const auto parameters = parse_connection_parameters(options_.url.reveal());
    return tables_schema_of(parameters ? *parameters : ConnectionParameters{});
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
