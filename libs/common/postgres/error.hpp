#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace events::postgres {

/// The database can't be reached, is too busy, or gave up this transaction (SQLSTATE classes 08,
/// 40, 53, 55, 57, 58, XX, and every broken connection): safe to repeat, since each of our
/// transactions is idempotent.
class Unavailable : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The statement reached its statement_timeout, or an administrator ended it (SQLSTATE 57014): the
/// database works, and the same statement is likely to fail again.
class TookTooLong : public Unavailable {
  public:
    using Unavailable::Unavailable;
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

/// The database refuses what it was given (SQLSTATE classes 22 and 23): repeating is useless.
class ContentRefused : public std::runtime_error {
  public:
    ContentRefused(const std::string& why, std::string sqlstate)
        : std::runtime_error{why}, sqlstate_{std::move(sqlstate)} {}

    [[nodiscard]] const std::string& sqlstate() const noexcept { return sqlstate_; }

  private:
    std::string sqlstate_;
};

}  // namespace events::postgres
