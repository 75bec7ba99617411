#include "common/segments/format.hpp"
#include "reporter/segment_cache.hpp"

#include <algorithm>
#include <utility>

namespace events::reporter {

/// Has segments for others to fetch that could not be.
class SegmentCache::Loading {
  public:
    Loading(SegmentCache& cache, std::span<const Wanted> wanted) : cache_{cache}, wanted_{wanted} {}
    ~Loading() {
        while (!wanted_.empty()) {
            give_up();
            next();
        }
    }
    Loading(const Loading&) = delete;
    Loading& operator=(const Loading&) = delete;

    /// The first one is here, or damaged, or can't be fetched.
    void next() {
        const std::lock_guard lock{cache_.mutex_};
        cache_.fetching_.erase(wanted_.front().segment->blob);
        ++cache_.fetched_;
        cache_.changed_.notify_all();
        wanted_ = wanted_.subspan(1);
        is_begun_ = false;
    }

    /// Its place is its builder's from now on.
    void begin() { is_begun_ = true; }

  private:
    void give_up() {
        if (is_begun_) return;
        const std::lock_guard lock{cache_.mutex_};
        cache_.release(wanted_.front().place, wanted_.front().bytes());
    }

    SegmentCache& cache_;
    std::span<const Wanted> wanted_;
    bool is_begun_ = false;
};

/// Makes an entry of a segment's parts.
class SegmentCache::Builder {
  public:
    Builder(SegmentCache& cache, const Wanted& wanted) : cache_{cache}, segment_{*wanted.segment} {
        entry_.bytes = wanted.bytes();
        entry_.place = wanted.place;
        if (entry_.place != kFiles) return;
        entry_.file = cache_.folder_->make();
        if (!entry_.file) leave_file();
    }
    ~Builder() {
        const std::lock_guard lock{cache_.mutex_};
        cache_.release(entry_.place, entry_.bytes);
    }
    Builder(const Builder&) = delete;
    Builder& operator=(const Builder&) = delete;

    /// What is wrong with the part.
    [[nodiscard]] std::optional<std::string> add(Bytes bytes) {
        if (bytes.empty()) return "a part of it is missing";
        headers_.emplace_back(bytes.begin(),
                              bytes.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                  bytes.size(), sizeof(segments::format::Header))));
        auto blob = segments::blob_of(std::move(bytes));
        auto part = segments::Segment::decode(blob);
        if (!part) return part.error();
        if (part->source() != segment_.source) return "it is of another source";
        rows_ += part->rows();
        if (entry_.file) part = in_file(blob).value_or(*std::move(part));
        parts_.push_back(*std::move(part));
        return std::nullopt;
    }

    [[nodiscard]] std::optional<std::string> check() const {
        if (rows_ >= segment_.share.rows) return std::nullopt;
        return "it has fewer rows than it should";
    }

    [[nodiscard]] Entry take() {
        auto parts = std::make_shared<const Parts>(std::move(parts_));
        entry_.parts = parts;
        alive_ = parts;
        if (entry_.place != kNowhere) entry_.kept = std::move(parts);
        entry_.checksum = headers_checksum(headers_);
        if (entry_.file) cache_.folder_->written();
        auto entry = std::move(entry_);
        entry_ = {};
        return entry;
    }

  private:
    std::optional<segments::Segment> in_file(const segments::Blob& blob) {
        const auto mapped = entry_.file->append({blob.data.get(), blob.size});
        if (!mapped) {
            leave_file();
            return std::nullopt;
        }
        auto part = segments::Segment::decode(*mapped, segments::Check::directory);
        return part ? std::optional{*std::move(part)} : std::nullopt;
    }

    /// What is written already stays mapped for as long as it is used.
    void leave_file() {
        if (entry_.file) cache_.folder_->failed("written");
        entry_.file.reset();
        const std::lock_guard lock{cache_.mutex_};
        cache_.release(entry_.place, entry_.bytes);
        entry_.place = kNowhere;
        if (!cache_.make_room(kMemory, entry_.bytes, true)) return;
        entry_.place = kMemory;
        cache_.used_[kMemory] += entry_.bytes;
    }

    SegmentCache& cache_;
    const postgres::StoredSegment& segment_;
    Entry entry_;
    PartsPtr alive_;  ///< until it is inserted
    Parts parts_;
    std::vector<Bytes> headers_;
    std::uint64_t rows_ = 0;
};

std::vector<PartsPtr> SegmentCache::load(std::span<const Wanted> wanted,
                                         pqxx::transaction_base& transaction) {
    Loading loading{*this, wanted};
    PartReader reader{transaction};
    std::vector<bool> are_left;
    for (const auto& [segment, place] : wanted) {
        are_left.push_back(folder_ && folder_->has(segment->blob));
        if (!are_left.back()) reader.add(*segment);
    }
    std::vector<PartsPtr> loaded;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto& segment = *wanted[i].segment;
        loading.begin();
        Builder builder{*this, wanted[i]};
        const auto wrong = are_left[i] ? build_of_left(segment, builder, transaction)
                                       : build(segment, builder, reader);
        if (wrong) {
            damaged(segment, *wrong);
        } else {
            loaded.push_back(insert(segment.blob, builder.take()));
        }
        loading.next();
    }
    return loaded;
}

/// Of all parts, so that the reader is at the next segment's.
std::optional<std::string> SegmentCache::build(const postgres::StoredSegment& segment,
                                               Builder& builder, PartReader& reader) {
    fetches_.Increment();
    std::optional<std::string> wrong;
    for (int part = 0; part < segment.parts; ++part) {
        auto bytes = reader.next();
        if (!wrong) wrong = builder.add(std::move(bytes));
    }
    return wrong ? wrong : builder.check();
}

std::optional<std::string> SegmentCache::build_of_left(const postgres::StoredSegment& segment,
                                                       Builder& builder,
                                                       pqxx::transaction_base& transaction) {
    auto left = take_left(segment, transaction);
    if (!left) {
        PartReader reader{transaction};
        reader.add(segment);
        return build(segment, builder, reader);
    }
    for (auto& part : *left) {
        if (auto wrong = builder.add(std::move(part))) return wrong;
    }
    return builder.check();
}

std::optional<std::vector<Bytes>> SegmentCache::take_left(const postgres::StoredSegment& segment,
                                                          pqxx::transaction_base& transaction) {
    const auto headers = read_headers(segment.blob, transaction);
    auto left = folder_->take(segment.blob, headers_checksum(headers));
    // It may still be damaged behind its headers, which is not the database's fault.
    const auto is_whole = [](const Bytes& part) {
        return segments::Segment::decode(segments::blob_of(part)).has_value();
    };
    if (!left || left->size() != static_cast<std::size_t>(segment.parts) ||
        !std::ranges::all_of(*left, is_whole)) {
        return std::nullopt;
    }
    return left;
}

}  // namespace events::reporter
