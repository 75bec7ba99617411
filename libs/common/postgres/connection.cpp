#include "common/postgres/connection.hpp"

#include "common/config/env_reader.hpp"
#include "common/postgres/connection_string.hpp"

#include <fmt/format.h>

#include <algorithm>
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
/// daemon that vanished are free after half a minute, not after two hours.
std::string session_settings(const Options& options) {
    return fmt::format(
        "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres';"
        "SET client_encoding = 'UTF8'; SET standard_conforming_strings = on;"
        "SET client_min_messages = error; SET statement_timeout = {}; SET lock_timeout = {};"
        "SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5;"
        "SET tcp_keepalives_count = 3;{}",
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
    if (!connection_string(options.url.reveal(), {})) {
        read.problem("DATABASE_URL", "***", "a PostgreSQL URL (postgresql://user@host/database)");
    }
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
    const auto text = connection_string(options_.url.reveal(), defaults_for(options_));
    if (!text) throw Unavailable{"the database's URL can't be read"};

    auto made = std::make_shared<Session>(*text);
    interrupter_->attach(made);
    opening_ = made;
    pqxx::nontransaction{*made}.exec(session_settings(options_));
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
        throw Unavailable{text_of(error)};
    }
}

void Connection::refuse(const ServerError& said) {
    const auto cause = cause_of(said.sqlstate);
    if (!leaves_session_usable(cause)) close();
    auto told = said;
    if (hide_values_) hide_values_(told);
    const auto why = describe(told);
    if (cause == Cause::too_slow) throw TookTooLong{why};
    if (is_passing(told.sqlstate)) throw Unavailable{why, cause};
    throw Refused{why, std::move(told)};
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
