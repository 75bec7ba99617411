#pragma once

#include "common/postgres/segment_store.hpp"
#include "reporter/bytes.hpp"

#include <pqxx/pqxx>

#include <cstdint>
#include <deque>
#include <vector>

namespace events::reporter {

/// Reads the parts of several blobs one behind the other, with few statements and little memory.
class PartReader {
  public:
    explicit PartReader(pqxx::transaction_base& transaction) : transaction_{transaction} {}

    /// The segment's parts come behind those that were added before.
    void add(const postgres::StoredSegment& segment);

    /// The next part's bytes; empty where the database does not have it.
    [[nodiscard]] Bytes next();

  private:
    struct Wanted {
        postgres::PartId part;
        std::uint64_t bytes;  ///< about
    };

    pqxx::transaction_base& transaction_;
    std::deque<Wanted> wanted_;
    std::deque<Bytes> read_;
};

/// The headers of a blob's parts, in their order.
[[nodiscard]] std::vector<Bytes> read_headers(std::int64_t blob,
                                              pqxx::transaction_base& transaction);

}  // namespace events::reporter
