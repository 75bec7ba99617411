#pragma once

#include "common/expected.hpp"
#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "common/segments/segment.hpp"
#include "reporter/cache_folder.hpp"
#include "reporter/cache_options.hpp"
#include "reporter/catalogue.hpp"

#include <pqxx/pqxx>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

namespace events::reporter {

/// A blob's parts, checked.
using Parts = std::vector<segments::Segment>;
using PartsPtr = std::shared_ptr<const Parts>;

/// The bytes of segments, which never change: in files that are mapped, small ones in memory, and
/// what has no room for as long as somebody uses it. What was not used for the longest time makes
/// room for others. However many ask, a blob is fetched once. Thread-safe.
class SegmentCache {
  public:
    SegmentCache(const CacheOptions& options, metrics::Registry& metrics, logging::Logger log);

    /// The parts of these segments, as they were asked for, fetched where they are not here;
    /// nothing where a segment is damaged, which is told in the log. Errors  Stopped,
    /// postgres::Unavailable where another one's fetch does not go on, and what the database
    /// throws.
    [[nodiscard]] std::vector<PartsPtr> find(std::span<const SegmentPtr> segments,
                                             pqxx::transaction_base& transaction,
                                             const std::stop_token& stop);

    /// Fetches those that are not here and have room without any other giving way; at most about
    /// `bytes`. False where nothing was left to fetch.
    bool warm(std::span<const SegmentPtr> segments, std::uint64_t bytes,
              pqxx::transaction_base& transaction);

    /// Whether one of them was found damaged before.
    [[nodiscard]] bool has_damaged(std::span<const SegmentPtr> segments) const;

    /// Forgets all blobs but these.
    void forget_all_but(const std::set<std::int64_t>& blobs);

  private:
    enum Place : std::uint8_t { kMemory, kFiles, kNowhere };
    struct Entry {
        std::weak_ptr<const Parts> parts{};  ///< of use while anybody holds them
        PartsPtr kept{};                     ///< unless it has no place
        Place place = kNowhere;
        std::uint64_t bytes = 0;
        std::uint64_t used = 0;  ///< when, by `uses_`
    };
    using Entries = std::unordered_map<std::int64_t, Entry>;
    class Fetching;
    class Room;

    // Under the lock:
    [[nodiscard]] PartsPtr look_up(std::int64_t blob);
    [[nodiscard]] bool is_here(std::int64_t blob) const;
    [[nodiscard]] Place occupy(std::uint64_t bytes, bool may_evict);
    [[nodiscard]] bool make_room(Place place, std::uint64_t bytes, bool may_evict);
    [[nodiscard]] Entries::iterator least_used(Place place);
    void drop(Entries::iterator entry);
    void add_bytes(Place place, std::int64_t bytes);

    /// The parts of those that are whole, so that they live until the caller looks them up.
    std::vector<PartsPtr> load(std::span<const SegmentPtr> wanted,
                               pqxx::transaction_base& transaction, bool may_evict);
    /// What is wrong with it, where it is damaged.
    [[nodiscard]] Expected<Parts, std::string> fetch(const postgres::StoredSegment& segment,
                                                     pqxx::transaction_base& transaction,
                                                     Room& room);
    [[nodiscard]] PartsPtr insert(const postgres::StoredSegment& segment, Parts parts, Room& room);
    void damaged(const postgres::StoredSegment& segment, std::string_view why);

    std::array<std::uint64_t, 2> most_;  ///< bytes by place
    std::chrono::milliseconds max_wait_;
    logging::Logger log_;
    std::optional<CacheFolder> folder_;
    std::array<metrics::Gauge*, 2> gauges_;  ///< by place
    metrics::Counter& fetches_;
    metrics::Counter& damages_;

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    // Guarded by mutex_:
    Entries entries_;  ///< by blob
    std::uint64_t uses_ = 0;
    std::array<std::uint64_t, 2> bytes_{};  ///< by place, with what is being fetched
    std::set<std::int64_t> fetching_;       ///< blobs
    std::uint64_t fetched_ = 0;             ///< goes up whenever one leaves `fetching_`
    std::set<std::int64_t> damaged_;        ///< blobs
};

}  // namespace events::reporter
