#pragma once

#include "common/config/secret.hpp"
#include "common/postgres/connection_string.hpp"
#include "common/postgres/error.hpp"
#include "common/postgres/interrupter.hpp"
#include "common/postgres/session.hpp"
#include "common/postgres/watchdog.hpp"

#include <pqxx/pqxx>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace events::clock {
class Comparison;
}

namespace events::config {
class EnvReader;
}

namespace events::postgres {

struct Options {
    config::Secret url;  ///< postgresql://..., renewed for each connection
    std::string application_name;
    std::string schema = "events";  ///< of everything of ours but the tables of events
    std::chrono::seconds connect_timeout{5};
    std::chrono::milliseconds statement_timeout{30'000};
    std::string settings{};  ///< further statements at the start of a session, e.g. "SET jit = off"
    /// How long one statement may go without an answer until the server is given up as hung and the
    /// connection is cut; 0: for ever. A server that is frozen, or whose proxy is, keeps its
    /// connections: neither TCP nor statement_timeout ends the wait.
    std::chrono::milliseconds answer_timeout{0};
    clock::Comparison* server_clock = nullptr;  ///< told at each new connection, where there is one
    /// Leaves the session as the server made it: no settings, statement_timeout included.
    bool bare = false;
};

/// DATABASE_URL, DATABASE_SCHEMA, DATABASE_STATEMENT_TIMEOUT_MS.
[[nodiscard]] Options read_options(config::EnvReader& read, std::string application_name);

/// A statement that each new connection prepares.
struct Statement {
    std::string name;
    std::string sql;
};

/// A connection that is made at its first use, and made anew (a new object, with its statements
/// prepared again) at the next use after it broke. The connection object itself never reconnects
/// behind the caller's back.
///
/// One per thread, but for interrupter(). Failure: Unavailable (TookTooLong for a statement that
/// was cancelled, by its timeout or otherwise; Refused for one that fails by itself),
/// WrongDatabase. Their texts are what the server said (see describe()), and never its DETAIL.
class Connection {
  public:
    Connection(Options options, std::vector<Statement> statements);

    /// Runs `work(transaction)` and commits. The caller may run it again after a failure, so it
    /// must have no other effect. A lost connection during the commit is Unavailable too: whether
    /// the transaction went through is then unknown, and repeating it must be harmless.
    template <typename Work>
    auto transact(Work&& work) {
        return guarded([&](Session& session) {
            pqxx::work transaction{session};
            if constexpr (std::is_void_v<std::invoke_result_t<Work, pqxx::work&>>) {
                work(transaction);
                transaction.commit();
            } else {
                auto result = work(transaction);
                transaction.commit();
                return result;
            }
        });
    }

    /// Runs `work(transaction)` in a read-only transaction with one snapshot (repeatable read).
    template <typename Work>
    auto read(Work&& work) {
        return guarded([&](Session& session) {
            pqxx::transaction<pqxx::isolation_level::repeatable_read, ReadOnly> transaction{
                session};
            return work(transaction);
        });
    }

    /// Within transact(): sends rows (see CopyRows::data) through `statement`, a COPY ... FROM
    /// STDIN (FORMAT binary).
    void copy(pqxx::work& transaction, const std::string& statement, std::string_view rows) {
        session_->copy(transaction, statement, rows);
    }

    /// Runs `work(session)` with this class' error handling and no transaction of its own.
    template <typename Work>
    auto guarded(Work&& work) {
        const Watchdog::Guard guard{watchdog_.get()};
        return unwatched(std::forward<Work>(work));
    }

    /// The same without the answer_timeout, for statements that may take hours. What stops the
    /// daemon has to end them (CancelOnStop).
    template <typename Work>
    auto unwatched(Work&& work) {
        try {
            return work(open());
        } catch (...) {
            rethrow();
        }
    }

    /// One round trip; throws Unavailable when there is no answer.
    void ping();

    /// After a statement that may have been cancelled: the connection is outside any transaction,
    /// or dropped. (The ROLLBACK that follows a cancelled statement can be cancelled too.)
    void leave_transaction() noexcept;

    /// For other threads, whatever connection there is at that moment.
    [[nodiscard]] const std::shared_ptr<Interrupter>& interrupter() const noexcept {
        return interrupter_;
    }

    /// `hide` takes the values that it knows out of what the server said; see hide_value().
    void hide_values(std::function<void(ServerError&)> hide) { hide_values_ = std::move(hide); }

    /// Drops the connection; the next use makes a new one.
    void close() noexcept;

    [[nodiscard]] const Options& options() const noexcept { return options_; }
    /// Where the tables of events are, as the URL says it. A session's search path is
    /// Options::schema and this.
    [[nodiscard]] std::string tables_schema() const;

  private:
#if PQXX_VERSION_MAJOR < 7
    static constexpr auto ReadOnly = pqxx::read_only;
#else
    static constexpr auto ReadOnly = pqxx::write_policy::read_only;
#endif

    Session& open();
    /// Turns the exception in flight into one of ours, and drops a connection that is broken.
    [[noreturn]] void rethrow();
    [[noreturn]] void refuse(const ServerError& said);

    Options options_;
    ConnectionParameters parameters_;  ///< of the latest attempt to connect
    std::vector<Statement> statements_;
    std::shared_ptr<Session> session_;
    std::shared_ptr<Session> opening_;  ///< while it is made ready, and until its failure is told
    std::shared_ptr<Interrupter> interrupter_ = std::make_shared<Interrupter>();
    std::function<void(ServerError&)> hide_values_;
    std::shared_ptr<Watchdog> watchdog_;  ///< where there is an answer_timeout
};

}  // namespace events::postgres
