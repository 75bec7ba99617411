#pragma once

#include "common/postgres/connection.hpp"
#include "common/postgres/segment_store.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace events::reporter {

/// Makes segments from rows as collectors and their keeper do, so that a test can have a database
/// in any state that they leave.
class SegmentBuilder {
  public:
    explicit SegmentBuilder(const std::string& url);

    /// Segments of at most so many rows, of each partition anew.
    void build(std::size_t rows);
    /// One segment of each partition anew, in parts of about so many rows.
    void build_in_parts(std::size_t rows);
    /// One blob a source for all of its partitions.
    void build_shared();
    /// Segments of the changes in place of these.
    void fold_changes();

  private:
    std::vector<postgres::PartitionState> begin(pqxx::work& transaction);

    postgres::Connection connection_;
};

}  // namespace events::reporter
