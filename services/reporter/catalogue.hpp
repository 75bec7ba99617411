#pragma once

#include "common/postgres/segment_store.hpp"

#include <pqxx/pqxx>

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

namespace events::reporter {

using SegmentPtr = std::shared_ptr<const postgres::StoredSegment>;

/// A partition as a snapshot shows it, and what answers for its events where it is built.
struct Partition {
    Source source;
    postgres::Oid partition = 0;
    bool is_built = false;
    bool has_changes = false;
    std::vector<SegmentPtr> segments{};
};

/// What the database tells of partitions and of their segments without the bytes. A segment never
/// changes, so it is read once. Thread-safe.
class Catalogue {
  public:
    /// All that are attached. One statement, and another one where there are new segments.
    [[nodiscard]] std::vector<Partition> read(pqxx::transaction_base& transaction);

  private:
    using Known = std::unordered_map<std::int64_t, SegmentPtr>;  ///< by id

    void remember(std::span<const Partition> partitions);

    std::mutex mutex_;
    std::shared_ptr<const Known> known_ = std::make_shared<Known>();  ///< guarded by mutex_
};

}  // namespace events::reporter
