#pragma once

#include "common/postgres/error.hpp"

#include <pqxx/pqxx>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

struct pg_conn;

namespace events::postgres {

/// A connection to the server whose libpq handle is at hand, for what libpqxx has no call for.
///
/// Made at once; never connects again behind the caller's back. libpqxx's exceptions hold the
/// primary message only; last_error() has its parts, which libpqxx 6 does not pass on.
///
/// Failure: Unavailable where no connection is made, WrongDatabase where it is not in UTF-8.
class Session
#if PQXX_VERSION_MAJOR < 7
    : public pqxx::connection_base {
#else
    : public pqxx::connection {
#endif
  public:
    /// `options`: a libpq connection string of keywords and values.
    explicit Session(const std::string& options);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Sends `rows` (see CopyRows::data) through `statement`, a COPY ... FROM STDIN (FORMAT
    /// binary), which is part of the transaction that is open on this session. Failure:
    /// pqxx::sql_error with its SQLSTATE, pqxx::broken_connection.
    void copy(pqxx::work& transaction, const std::string& statement, std::string_view rows);

    /// Calls `happened` for each result that the server gives, one a statement, on the session's
    /// own thread. It must not throw.
    void on_result(std::function<void()> happened) {
        on_result_ = std::move(happened);
    }

    /// The last error that the server told, whatever came after it.
    [[nodiscard]] const std::optional<ServerError>& last_error() const noexcept {
        return last_error_;
    }
    /// For the hook that libpq calls with each result.
    void note_result(std::optional<ServerError> error);

  private:
    void prepare_handle();

#if PQXX_VERSION_MAJOR < 7
    /// Makes the handle, which libpqxx owns.
    class Connect : public pqxx::connect_direct {
      public:
        using pqxx::connect_direct::connect_direct;
        handle do_startconnect(handle before) override;
        handle made = nullptr;
    };
    Connect connect_;
    [[nodiscard]] pg_conn* handle() const noexcept {
        return connect_.made;
    }
#else
    explicit Session(pg_conn* handle);
    [[nodiscard]] pg_conn* handle() const noexcept {
        return handle_;
    }
    pg_conn* handle_;
#endif
    std::optional<ServerError> last_error_;
    std::function<void()> on_result_;
};

}  // namespace events::postgres
