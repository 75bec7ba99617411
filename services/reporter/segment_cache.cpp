#include "reporter/segment_cache.hpp"

#include "common/postgres/error.hpp"
#include "common/segments/scan.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace events::reporter {
namespace {

metrics::Gauge& bytes_gauge(metrics::Registry& metrics, const char* place) {
    return metrics.gauge("segment_cache_bytes", "Bytes of segments that the reporter keeps.",
                         {{"place", place}});
}

std::uint64_t bytes_of(const postgres::StoredSegment& segment) {
    return static_cast<std::uint64_t>(segment.bytes);
}

Expected<segments::Segment, std::string> check_part(const postgres::StoredSegment& segment,
                                                    const segments::Blob& blob) {
    if (blob.size == 0) return Unexpected<std::string>{"a part of it is missing"};
    auto part = segments::Segment::decode(blob);
    if (part && part->source() != segment.source) {
        return Unexpected<std::string>{"it is of another source"};
    }
    return part;
}

}  // namespace

/// Blobs that a thread fetches, in this order, while others wait for them. Those that it does not
/// come to are for the others to fetch.
class SegmentCache::Fetching {
  public:
    Fetching(SegmentCache& cache, std::span<const SegmentPtr> left) : cache_{cache}, left_{left} {}
    ~Fetching() {
        while (!left_.empty()) end_first();
    }
    Fetching(const Fetching&) = delete;
    Fetching& operator=(const Fetching&) = delete;

    void end_first() {
        const std::lock_guard lock{cache_.mutex_};
        cache_.fetching_.erase(left_.front()->blob);
        ++cache_.fetched_;
        cache_.changed_.notify_all();
        left_ = left_.subspan(1);
    }

  private:
    SegmentCache& cache_;
    std::span<const SegmentPtr> left_;
};

/// A place for a segment that is being fetched, given back unless an entry takes it.
class SegmentCache::Room {
  public:
    Room(SegmentCache& cache, std::uint64_t bytes, bool may_evict) : cache_{cache}, bytes_{bytes} {
        const std::lock_guard lock{cache_.mutex_};
        place_ = cache_.occupy(bytes_, may_evict);
    }
    ~Room() { leave(); }
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;

    [[nodiscard]] Place place() const noexcept { return place_; }
    /// To memory, as far as there is room.
    void leave_files() {
        leave();
        const std::lock_guard lock{cache_.mutex_};
        if (!cache_.make_room(kMemory, bytes_, true)) return;
        cache_.add_bytes(kMemory, static_cast<std::int64_t>(bytes_));
        place_ = kMemory;
    }
    [[nodiscard]] Place take() noexcept { return std::exchange(place_, kNowhere); }

  private:
    void leave() {
        const std::lock_guard lock{cache_.mutex_};
        cache_.add_bytes(take(), -static_cast<std::int64_t>(bytes_));
    }

    SegmentCache& cache_;
    std::uint64_t bytes_;
    Place place_ = kNowhere;
};

SegmentCache::SegmentCache(const CacheOptions& options, metrics::Registry& metrics,
                           logging::Logger log)
    : most_{options.max_memory, options.max_file_bytes},
      max_wait_{options.max_wait},
      log_{std::move(log)},
      gauges_{&bytes_gauge(metrics, "memory"), &bytes_gauge(metrics, "files")},
      fetches_{metrics.counter("segment_fetches_total",
                               "Segments whose bytes were fetched from the database.")},
      damages_{metrics.counter("damaged_segments_total",
                               "Segments whose bytes in the database are damaged: their days are "
                               "answered from their rows.")} {
    if (options.max_file_bytes > 0) folder_.emplace(options.folder, log_);
    if (folder_ && !folder_->is_usable()) most_[kFiles] = 0;
}

std::vector<PartsPtr> SegmentCache::find(std::span<const SegmentPtr> segments,
                                         pqxx::transaction_base& transaction,
                                         const std::stop_token& stop) {
    std::vector<PartsPtr> found(segments.size());
    std::vector<PartsPtr> fresh;
    while (true) {
        std::vector<SegmentPtr> mine;
        {
            std::unique_lock lock{mutex_};
            bool is_complete = true;
            for (std::size_t i = 0; i < segments.size(); ++i) {
                const auto blob = segments[i]->blob;
                if (!found[i]) found[i] = look_up(blob);
                if (found[i] || damaged_.contains(blob)) continue;
                is_complete = false;
                if (fetching_.insert(blob).second) mine.push_back(segments[i]);
            }
            if (is_complete) return found;
            if (mine.empty()) {
                // Others fetch all that is missing; where they fail, it is for us to fetch.
                const auto changed = fetched_;
                const bool has_come =
                    changed_.wait_for(lock, stop, max_wait_, [&] { return fetched_ != changed; });
                if (stop.stop_requested()) throw segments::Stopped{};
                if (!has_come) throw postgres::Unavailable{"waited too long for a segment"};
                continue;
            }
        }
        std::ranges::move(load(mine, transaction, true), std::back_inserter(fresh));
    }
}

bool SegmentCache::warm(std::span<const SegmentPtr> segments, std::uint64_t bytes,
                        pqxx::transaction_base& transaction) {
    std::vector<SegmentPtr> mine;
    {
        const std::lock_guard lock{mutex_};
        const auto before = bytes_;
        std::uint64_t sum = 0;
        for (const auto& segment : segments) {
            const auto blob = segment->blob;
            if (sum >= bytes) break;
            if (damaged_.contains(blob) || fetching_.contains(blob) || is_here(blob)) continue;
            if (occupy(bytes_of(*segment), false) == kNowhere) continue;
            fetching_.insert(blob);
            sum += bytes_of(*segment);
            mine.push_back(segment);
        }
        bytes_ = before;  // loading takes them one by one
    }
    return !load(mine, transaction, false).empty();
}

std::vector<PartsPtr> SegmentCache::load(std::span<const SegmentPtr> wanted,
                                         pqxx::transaction_base& transaction, bool may_evict) {
    Fetching fetching{*this, wanted};
    std::vector<PartsPtr> loaded;
    for (const auto& segment : wanted) {
        fetches_.Increment();
        Room room{*this, bytes_of(*segment), may_evict};
        auto parts = fetch(*segment, transaction, room);
        if (parts) {
            loaded.push_back(insert(*segment, std::move(*parts), room));
        } else {
            damaged(*segment, parts.error());
        }
        fetching.end_first();
    }
    return loaded;
}

Expected<Parts, std::string> SegmentCache::fetch(const postgres::StoredSegment& segment,
                                                 pqxx::transaction_base& transaction, Room& room) {
    Parts parts;
    std::uint64_t rows = 0;
    for (int i = 0; i < segment.parts; ++i) {
        // One by one: a part is some megabytes, and a segment may have hundreds.
        const auto blob = segments::blob_of(postgres::read_part(transaction, segment.blob, i));
        auto part = check_part(segment, blob);
        if (!part) return Unexpected<std::string>{part.error()};
        rows += part->rows();
        if (room.place() == kFiles) {
            const auto copy = folder_->copy({blob.data.get(), blob.size});
            if (copy) part = segments::Segment::decode(*copy, segments::Check::directory);
            if (!copy) room.leave_files();
        }
        parts.push_back(std::move(part.value()));
    }
    if (rows >= segment.share.rows) return parts;
    return Unexpected<std::string>{"it has fewer rows than it should"};
}

PartsPtr SegmentCache::insert(const postgres::StoredSegment& segment, Parts parts, Room& room) {
    auto shared = std::make_shared<const Parts>(std::move(parts));
    const std::lock_guard lock{mutex_};
    const auto place = room.take();
    entries_.insert_or_assign(segment.blob, Entry{.parts = shared,
                                                  .kept = place == kNowhere ? nullptr : shared,
                                                  .place = place,
                                                  .bytes = bytes_of(segment),
                                                  .used = ++uses_});
    return shared;
}

void SegmentCache::damaged(const postgres::StoredSegment& segment, std::string_view why) {
    damages_.Increment();
    log_.error("a segment is damaged; its day is answered from its rows until it is built again",
               {{"segment", segment.id}, {"partition", segment.partition}, {"err", why}});
    const std::lock_guard lock{mutex_};
    damaged_.insert(segment.blob);
}

bool SegmentCache::has_damaged(std::span<const SegmentPtr> segments) const {
    const std::lock_guard lock{mutex_};
    return !damaged_.empty() && std::ranges::any_of(segments, [&](const auto& segment) {
        return damaged_.contains(segment->blob);
    });
}

void SegmentCache::forget_all_but(const std::set<std::int64_t>& blobs) {
    const std::lock_guard lock{mutex_};
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        const auto at = entry++;
        if (!blobs.contains(at->first)) drop(at);
    }
    std::erase_if(damaged_, [&](auto blob) { return !blobs.contains(blob); });
}

PartsPtr SegmentCache::look_up(std::int64_t blob) {
    const auto found = entries_.find(blob);
    if (found == entries_.end()) return nullptr;
    auto parts = found->second.parts.lock();
    found->second.used = ++uses_;
    if (!parts) entries_.erase(found);
    return parts;
}

bool SegmentCache::is_here(std::int64_t blob) const {
    const auto found = entries_.find(blob);
    return found != entries_.end() && !found->second.parts.expired();
}

SegmentCache::Place SegmentCache::occupy(std::uint64_t bytes, bool may_evict) {
    // Less than this stands in memory: a file would cost more than it saves.
    constexpr std::uint64_t kSmall = 1 << 20;
    const auto order = bytes < kSmall ? std::array{kMemory, kFiles} : std::array{kFiles, kMemory};
    for (const auto place : order) {
        if (!make_room(place, bytes, may_evict)) continue;
        add_bytes(place, static_cast<std::int64_t>(bytes));
        return place;
    }
    return kNowhere;
}

bool SegmentCache::make_room(Place place, std::uint64_t bytes, bool may_evict) {
    if (bytes > most_.at(place)) return false;
    while (bytes > most_.at(place) - bytes_.at(place)) {
        const auto entry = may_evict ? least_used(place) : entries_.end();
        if (entry == entries_.end()) return false;
        drop(entry);
    }
    return true;
}

/// Of those that are not in use just now: forgetting these would free nothing.
SegmentCache::Entries::iterator SegmentCache::least_used(Place place) {
    auto least = entries_.end();
    for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
        if (entry->second.place != place || entry->second.kept.use_count() > 1) continue;
        if (least == entries_.end() || entry->second.used < least->second.used) least = entry;
    }
    return least;
}

void SegmentCache::drop(Entries::iterator entry) {
    add_bytes(entry->second.place, -static_cast<std::int64_t>(entry->second.bytes));
    entries_.erase(entry);
}

void SegmentCache::add_bytes(Place place, std::int64_t bytes) {
    if (place == kNowhere) return;
    bytes_.at(place) += static_cast<std::uint64_t>(bytes);
    gauges_.at(place)->Set(static_cast<double>(bytes_.at(place)));
}

}  // namespace events::reporter
