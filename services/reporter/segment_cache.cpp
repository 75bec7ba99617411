#include "reporter/segment_cache.hpp"

#include "common/segments/scan.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

namespace events::reporter {
namespace {

/// Less than this stands in memory: a file would cost more than it saves.
constexpr std::uint64_t kSmall = 1 << 20;

/// Each file is a descriptor: a part of all that the process may have, which is raised as far as
/// may be.
std::size_t most_files() {
    constexpr std::size_t kShare = 8;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    if (limit.rlim_cur < limit.rlim_max) {
        auto raised = limit;
        raised.rlim_cur = std::min<rlim_t>(limit.rlim_max, 65'536);
        if (raised.rlim_cur > limit.rlim_cur && ::setrlimit(RLIMIT_NOFILE, &raised) == 0) {
            limit = raised;
        }
    }
    return limit.rlim_cur / kShare;
}

metrics::Gauge& bytes_gauge(metrics::Registry& metrics, const char* place) {
    return metrics.gauge("segment_cache_bytes", "Bytes of segments that the reporter keeps.",
                         {{"place", place}});
}

}  // namespace

SegmentCache::SegmentCache(const CacheOptions& options, metrics::Registry& metrics,
                           logging::Logger log)
    : options_{options},
      log_{std::move(log)},
      bytes_{&bytes_gauge(metrics, "memory"), &bytes_gauge(metrics, "files")},
      fetches_{metrics.counter("segment_fetches_total",
                               "Segments whose bytes were fetched from the database.")},
      damages_{metrics.counter("damaged_segments_total",
                               "Segments whose bytes in the database are damaged: their days are "
                               "answered from their rows.")} {
    if (options_.max_file_bytes == 0) return;
    folder_.emplace(options_.folder, options_.max_file_bytes, log_);
    if (!folder_->is_usable()) {
        folder_.reset();
        return;
    }
    most_files_ = most_files();
}

std::vector<PartsPtr> SegmentCache::find(std::span<const SegmentPtr> segments,
                                         pqxx::transaction_base& transaction,
                                         const std::stop_token& stop) {
    std::vector<PartsPtr> found(segments.size());
    std::vector<PartsPtr> fresh;
    while (true) {
        std::vector<Wanted> mine;
        {
            std::unique_lock lock{mutex_};
            // First all that is here, so that nothing of it makes room for the rest.
            for (std::size_t i = 0; i < segments.size(); ++i) {
                if (!found[i]) found[i] = look_up(segments[i]->blob);
            }
            bool is_complete = true;
            for (std::size_t i = 0; i < segments.size(); ++i) {
                const auto blob = segments[i]->blob;
                if (found[i] || damaged_.contains(blob)) continue;
                is_complete = false;
                if (fetching_.insert(blob).second) mine.push_back(reserve(segments[i], true));
            }
            if (is_complete) return found;
            if (mine.empty()) {
                // Others fetch all that is missing; where they fail, it is for us to fetch.
                const auto changed = fetched_;
                changed_.wait(lock, stop, [&] { return fetched_ != changed; });
                if (stop.stop_requested()) throw segments::Stopped{};
                continue;
            }
        }
        std::ranges::move(load(mine, transaction), std::back_inserter(fresh));
    }
}

bool SegmentCache::warm(std::span<const SegmentPtr> segments, std::uint64_t bytes,
                        pqxx::transaction_base& transaction, const std::stop_token& stop) {
    std::vector<Wanted> mine;
    {
        const std::lock_guard lock{mutex_};
        std::uint64_t sum = 0;
        for (const auto& segment : segments) {
            const auto blob = segment->blob;
            if (sum >= bytes || stop.stop_requested()) break;
            if (damaged_.contains(blob) || fetching_.contains(blob) || is_here(blob)) continue;
            const auto wanted = reserve(segment, false);
            if (wanted.place == kNowhere) continue;
            fetching_.insert(blob);
            sum += wanted.bytes();
            mine.push_back(wanted);
        }
    }
    return !load(mine, transaction).empty();
}

bool SegmentCache::is_damaged(std::int64_t blob) const {
    const std::lock_guard lock{mutex_};
    return damaged_.contains(blob);
}

void SegmentCache::forget_all_but(std::span<const std::int64_t> blobs) {
    const auto is_listed = [&](std::int64_t blob) {
        return std::ranges::binary_search(blobs, blob);
    };
    {
        const std::lock_guard lock{mutex_};
        for (auto entry = entries_.begin(); entry != entries_.end();) {
            const auto next = std::next(entry);
            if (!is_listed(entry->first)) drop(entry);
            entry = next;
        }
        std::erase_if(damaged_, [&](auto blob) { return !is_listed(blob); });
    }
    if (folder_) folder_->delete_all_but(blobs);
}

void SegmentCache::keep_files() {
    if (!folder_) return;
    const std::lock_guard lock{mutex_};
    for (const auto& [blob, entry] : entries_) {
        if (entry.file) folder_->keep(*entry.file, blob, entry.checksum);
    }
}

PartsPtr SegmentCache::look_up(std::int64_t blob) {
    const auto found = entries_.find(blob);
    if (found == entries_.end()) return nullptr;
    auto& entry = found->second;
    auto parts = entry.parts.lock();
    if (!parts) {
        entries_.erase(found);
    } else if (entry.place != kNowhere) {
        auto& order = by_use_.at(entry.place);
        order.splice(order.begin(), order, entry.used);
    }
    return parts;
}

bool SegmentCache::is_here(std::int64_t blob) const {
    const auto found = entries_.find(blob);
    return found != entries_.end() && !found->second.parts.expired();
}

bool SegmentCache::make_room(Place place, std::uint64_t bytes, bool may_evict) {
    auto room = place == kMemory ? options_.max_memory : options_.max_file_bytes;
    if (place == kFiles) {
        if (!folder_) return false;
        room -= std::min(room, folder_->left_bytes());
    }
    if (bytes > room) return false;
    const auto is_full = [&] {
        return used_.at(place) + bytes > room ||
               (place == kFiles && by_use_.at(kFiles).size() >= most_files_);
    };
    // What a report uses just now would not be freed by forgetting it.
    auto& order = by_use_.at(place);
    for (auto at = order.end(); is_full() && may_evict && at != order.begin();) {
        --at;
        const auto entry = entries_.find(*at);
        if (entry->second.kept.use_count() > 1) continue;
        at = std::next(at);
        drop(entry);
    }
    return !is_full();
}

SegmentCache::Wanted SegmentCache::reserve(const SegmentPtr& segment, bool may_evict) {
    Wanted wanted{.segment = segment};
    const auto bytes = wanted.bytes();
    if (bytes < kSmall && make_room(kMemory, bytes, may_evict)) {
        wanted.place = kMemory;
    } else if (make_room(kFiles, bytes, may_evict)) {
        wanted.place = kFiles;
    } else if (make_room(kMemory, bytes, may_evict)) {
        wanted.place = kMemory;
    }
    if (wanted.place != kNowhere) used_.at(wanted.place) += bytes;
    return wanted;
}

void SegmentCache::release(Place place, std::uint64_t bytes) {
    if (place == kNowhere) return;
    used_.at(place) -= bytes;
}

void SegmentCache::drop(std::unordered_map<std::int64_t, Entry>::iterator entry) {
    const auto& [parts, kept, place, bytes, file, checksum, used] = entry->second;
    if (place != kNowhere) {
        by_use_.at(place).erase(used);
        release(place, bytes);
        bytes_.at(place)->Decrement(static_cast<double>(bytes));
    }
    entries_.erase(entry);
}

PartsPtr SegmentCache::insert(std::int64_t blob, Entry entry) {
    const std::lock_guard lock{mutex_};
    auto parts = entry.parts.lock();
    if (entry.place != kNowhere) {
        auto& order = by_use_.at(entry.place);
        entry.used = order.insert(order.begin(), blob);
        bytes_.at(entry.place)->Increment(static_cast<double>(entry.bytes));
    }
    entries_.insert_or_assign(blob, std::move(entry));
    return parts;
}

void SegmentCache::damaged(const postgres::StoredSegment& segment, std::string_view why) {
    damages_.Increment();
    log_.error("a segment is damaged; its day is answered from its rows until it is built again",
               {{"segment", segment.id}, {"partition", segment.partition}, {"err", why}});
    const std::lock_guard lock{mutex_};
    damaged_.insert(segment.blob);
}

}  // namespace events::reporter
