#pragma once

#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "common/postgres/segment_store.hpp"
#include "common/segments/segment.hpp"
#include "reporter/cache_folder.hpp"
#include "reporter/cache_options.hpp"
#include "reporter/part_reader.hpp"

#include <pqxx/pqxx>

#include <array>
#include <condition_variable>
#include <cstdint>
#include <list>
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
using SegmentPtr = std::shared_ptr<const postgres::StoredSegment>;

/// The bytes of segments, which never change: in files that are mapped, small ones in memory, and
/// what has no room for as long as somebody uses it. What was not used for the longest time makes
/// room for others. However many ask, a blob is fetched once. Thread-safe.
class SegmentCache {
  public:
    SegmentCache(const CacheOptions& options, metrics::Registry& metrics, logging::Logger log);

    /// The parts of these segments, as they were asked for, fetched where they are not here;
    /// nothing where a segment is damaged, which is told in the log. Errors  Stopped, and what the
    /// database throws.
    [[nodiscard]] std::vector<PartsPtr> find(std::span<const SegmentPtr> segments,
                                             pqxx::transaction_base& transaction,
                                             const std::stop_token& stop);

    /// Fetches those that are not here and have room without any other giving way; at most about
    /// `bytes`. False where nothing was left to fetch.
    bool warm(std::span<const SegmentPtr> segments, std::uint64_t bytes,
              pqxx::transaction_base& transaction, const std::stop_token& stop);

    /// Whether the blob was found damaged before.
    [[nodiscard]] bool is_damaged(std::int64_t blob) const;

    /// Forgets all other blobs. In ascending order.
    void forget_all_but(std::span<const std::int64_t> blobs);

    /// Names the files for the next reporter: at the end, when nobody asks any more.
    void keep_files();

  private:
    enum Place : std::uint8_t { kMemory, kFiles, kNowhere };
    struct Entry {
        std::weak_ptr<const Parts> parts{};  ///< of use while anybody holds them
        PartsPtr kept{};                     ///< unless it has no place
        Place place = kNowhere;
        std::uint64_t bytes = 0;
        std::optional<CacheFile> file{};
        std::uint32_t checksum = 0;
        std::list<std::int64_t>::iterator used{};  ///< where there is a place
    };
    /// What is to be fetched, and where the bytes are reserved that it will take.
    struct Wanted {
        SegmentPtr segment;
        Place place = kNowhere;

        [[nodiscard]] std::uint64_t bytes() const {
            return static_cast<std::uint64_t>(segment->bytes);
        }
    };
    class Loading;
    class Builder;

    // Under the lock:
    [[nodiscard]] PartsPtr look_up(std::int64_t blob);
    [[nodiscard]] bool is_here(std::int64_t blob) const;
    [[nodiscard]] Wanted reserve(const SegmentPtr& segment, bool may_evict);
    [[nodiscard]] bool make_room(Place place, std::uint64_t bytes, bool may_evict);
    void release(Place place, std::uint64_t bytes);
    void drop(std::unordered_map<std::int64_t, Entry>::iterator entry);

    /// The parts of those that are whole, so that they live until the caller looks them up.
    std::vector<PartsPtr> load(std::span<const Wanted> wanted, pqxx::transaction_base& transaction);
    [[nodiscard]] std::optional<std::string> build(const postgres::StoredSegment& segment,
                                                   Builder& builder, PartReader& reader);
    [[nodiscard]] std::optional<std::string> build_of_left(const postgres::StoredSegment& segment,
                                                           Builder& builder,
                                                           pqxx::transaction_base& transaction);
    [[nodiscard]] std::optional<std::vector<Bytes>> take_left(
        const postgres::StoredSegment& segment, pqxx::transaction_base& transaction);
    PartsPtr insert(std::int64_t blob, Entry entry);
    void damaged(const postgres::StoredSegment& segment, std::string_view why);

    CacheOptions options_;
    logging::Logger log_;
    std::optional<CacheFolder> folder_;
    std::size_t most_files_ = 0;
    std::array<metrics::Gauge*, 2> bytes_;  ///< by place
    metrics::Counter& fetches_;
    metrics::Counter& damages_;

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    // Guarded by mutex_:
    std::unordered_map<std::int64_t, Entry> entries_;  ///< by blob
    std::array<std::list<std::int64_t>, 2> by_use_;    ///< blobs of a place, latest used first
    std::array<std::uint64_t, 2> used_{};              ///< bytes, with what is being fetched
    std::set<std::int64_t> fetching_;                  ///< blobs
    std::uint64_t fetched_ = 0;                        ///< goes up whenever one leaves `fetching_`
    std::set<std::int64_t> damaged_;                   ///< blobs
};

}  // namespace events::reporter
