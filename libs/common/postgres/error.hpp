#pragma once

#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace events::postgres {

/// Why the database does nothing for us, by what an operator would do about it.
enum class Cause : std::uint8_t {
    no_answer,         ///< it can't be reached, or the connection broke
    not_ready,         ///< it starts, stops, or ended our session
    login,             ///< password, user, pg_hba.conf
    certificate,       ///< TLS: a certificate that one side does not trust
    no_such_database,  ///< the server answers, and has no database of that name
    no_right,          ///< our role may not do it
    no_such_object,    ///< a table, column or function that we need is not there
    read_only,         ///< a standby, or a role or database that is set so
    locked,            ///< somebody else's lock
    standby,           ///< a commit waits for a synchronous standby
    exhausted,         ///< disk, memory or connections
    conflict,          ///< rolled back for the sake of another transaction
    too_slow,          ///< statement_timeout, or cancelled by an administrator
    failed,            ///< an error inside the server
    refused,           ///< a constraint, a trigger, a policy, a type: the statement's own failure
};

/// The beginning of a sentence about it, e.g. "the database refuses the login".
[[nodiscard]] std::string_view headline(Cause cause) noexcept;

/// What PostgreSQL says of a statement that failed, as far as it may be told: its DETAIL, HINT and
/// CONTEXT quote rows, and so may the primary message of a function that raises its own.
struct ServerError {
    std::string sqlstate{};  ///< five characters; empty where libpq failed and not the server
    std::string message{};   ///< the primary message
    std::string table{};     ///< this one and the next two are empty where it is not about one
    std::string column{};
    std::string constraint{};
    bool raised = false;  ///< by a function, in its author's words

    /// A row whose day has no partition; a constraint that refuses it would have a name.
    [[nodiscard]] bool is_missing_partition() const {
        return sqlstate == "23514" && constraint.empty();
    }
};

[[nodiscard]] Cause cause_of(std::string_view sqlstate) noexcept;

/// Whether the same transaction may go through later with nobody having changed anything about it:
/// it is the server's state that failed it.
[[nodiscard]] bool is_passing(std::string_view sqlstate) noexcept;

/// `message (SQLSTATE 23502, table t, column c, constraint n)`, without what may be a value: a data
/// exception (class 22) is told up to where it quotes one, and a function's own words without
/// numbers. See hide_value() for what this can't know.
[[nodiscard]] std::string describe(const ServerError& error);

/// Replaces `value` by *** where it stands in `text` as a word or as words, whatever their case.
void hide_value(std::string& text, std::string_view value);
/// The same for each of its words alone, of four letters or more: a function may have taken it
/// apart.
void hide_words(std::string& text, std::string_view value);

/// What libpq says of a connection that was not made, asked for with PQERRORS_VERBOSE: the one way
/// to learn the SQLSTATE of a login that the server refuses. Pure.
[[nodiscard]] ServerError read_login_error(std::string_view text);
[[nodiscard]] Cause cause_of_login_error(const ServerError& error) noexcept;

/// The database does not do it now (SQLSTATE classes 08, 28, 3D, 40, 53, 55, 57, 58, XX, a broken
/// connection, and all of Refused): safe to repeat, since each of our transactions is idempotent.
class Unavailable : public std::runtime_error {
  public:
    explicit Unavailable(const std::string& why, Cause cause = Cause::no_answer)
        : std::runtime_error{why}, cause_{cause} {}

    [[nodiscard]] Cause cause() const noexcept { return cause_; }

  private:
    Cause cause_;
};

/// The statement reached its statement_timeout, or an administrator ended it (SQLSTATE 57014): the
/// database works, and the same statement is likely to fail again.
class TookTooLong : public Unavailable {
  public:
    explicit TookTooLong(const std::string& why) : Unavailable{why, Cause::too_slow} {}
};

/// The database works and refuses the statement: a right is missing, a table, a constraint or a
/// trigger of somebody's is in the way. Repeating is in vain until somebody changes that.
class Refused : public Unavailable {
  public:
    Refused(const std::string& why, ServerError error)
        : Unavailable{why, cause_of(error.sqlstate)}, error_{std::move(error)} {}

    [[nodiscard]] const ServerError& error() const noexcept { return error_; }

  private:
    ServerError error_;
};

/// The pool was stopped before the work had ended.
class PoolStopped : public Unavailable {
  public:
    using Unavailable::Unavailable;
};

/// Too much is waiting already, or this has waited for too long: nothing was asked of the database.
class PoolBusy : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Whoever asked for the work has cancelled it; says nothing about the database.
class Cancelled : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A value does not fit into a column as we made it: repeating is useless.
class ContentRefused : public std::runtime_error {
  public:
    ContentRefused(const std::string& why, std::string sqlstate)
        : std::runtime_error{why}, sqlstate_{std::move(sqlstate)} {}

    [[nodiscard]] const std::string& sqlstate() const noexcept { return sqlstate_; }

  private:
    std::string sqlstate_;
};

/// The database can't be ours, e.g. it is not in UTF-8: a daemon must not start on it.
class WrongDatabase : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// For readiness: the headline, and what the server said where it said anything. Without libpq's
/// own words, which quote the connection's URL.
[[nodiscard]] std::string readiness_of(const std::exception& error);

}  // namespace events::postgres
