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

/// What the database tells of segments without their bytes: it never changes, so each is read once.
/// Thread-safe.
class Catalogue {
  public:
    /// Those that are listed in the transaction's snapshot, in that order.
    [[nodiscard]] std::vector<SegmentPtr> find(std::span<const postgres::ListedSegment> listed,
                                               pqxx::transaction_base& transaction);

    /// Forgets all others.
    void forget_all_but(std::span<const postgres::ListedSegment> listed);

  private:
    std::mutex mutex_;
    std::unordered_map<std::int64_t, SegmentPtr> known_;  ///< by id; guarded by mutex_
};

}  // namespace events::reporter
