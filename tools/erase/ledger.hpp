#pragma once

#include "common/postgres/connection.hpp"
#include "erase/person.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace events::erase {

/// Who asked for an erasure, and why, as the ledger keeps it.
struct Occasion {
    std::string requested_by;
    std::string reason;
};

/// A row of the ledger. Times are RFC 3339.
struct LedgerLine {
    std::int64_t id = 0;
    std::string source;
    std::string user_hash;  ///< hexadecimal digits
    std::string erased_at;
    std::string finished_at;  ///< empty: it was interrupted, or goes on
    Occasion occasion;
    Found removed;
};

/// The table `erasures`, and the list that collectors leave events out by. Single-threaded.
/// Failure: as Connection says.
class Ledger {
  public:
    explicit Ledger(postgres::Connection& connection) : connection_{connection} {}

    /// Adds an entry for each target, which it writes into them, and commits: from then on no
    /// transaction of a collector that begins to write stores what was accepted before. Returns
    /// that moment, as timestamptz reads it.
    std::string begin(Persons persons, std::vector<Target>& targets, const Occasion& occasion);

    /// Adds what was removed to an entry.
    static void add(pqxx::transaction_base& transaction, std::int64_t entry, const Found& removed);
    void add(std::int64_t entry, const Found& removed);
    void finish(const std::vector<Target>& targets);

    /// All of it, the oldest first; with persons, theirs only.
    [[nodiscard]] std::vector<LedgerLine> lines(Persons persons = {});

  private:
    postgres::Connection& connection_;
};

}  // namespace events::erase
