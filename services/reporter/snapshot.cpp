#include "reporter/snapshot.hpp"

#include <algorithm>
#include <functional>
#include <random>
#include <set>
#include <utility>

namespace events::reporter {
namespace {

using postgres::PartitionState;
using segments::Need;
using segments::RunInfo;

segments::Seed random_seed() {
    std::random_device device;
    const auto number = [&] { return (std::uint64_t{device()} << 32) | device(); };
    return {.first = number(), .second = number()};
}

RunInfo info_of(Source source, const segments::Share& share) {
    return {.source = source, .times = share.times, .rows = share.rows, .has_sums = true};
}

constexpr std::size_t kBatch = 131'072;

}  // namespace

SnapshotReader::SnapshotReader(Snapshots& snapshots, const segments::Question& question,
                               pqxx::transaction_base& transaction, std::stop_token stop)
    : snapshots_{snapshots},
      question_{question},
      transaction_{transaction},
      stop_{std::move(stop)},
      partitions_{snapshots.catalogue_.read(transaction)} {
    add_partitions();
}

void SnapshotReader::add_partitions() {
    std::set<postgres::Oid> by_rows;
    for (const auto& partition : partitions_) {
        if (partition.is_built && !snapshots_.cache_.has_damaged(partition.segments)) {
            add_segments(partition);
        } else {
            by_rows.insert(partition.partition);
        }
    }
    if (by_rows.empty()) return;
    for (const auto& state : postgres::read_partitions(transaction_)) {
        if (by_rows.contains(state.partition)) add_rows(state);
    }
}

void SnapshotReader::add_segments(const Partition& partition) {
    for (const auto& segment : partition.segments) {
        const auto& share = segment->share;
        add_run(info_of(segment->source, share), share.sums, {}, segment, segment);
    }
    if (!partition.has_changes) return;
    const PartitionState state{.source = partition.source, .partition = partition.partition};
    postgres::read_changes(transaction_, state, kBatch,
                           [&](auto records) { add_records(partition.source, records); });
}

/// Of the question's range.
void SnapshotReader::add_rows(const PartitionState& partition) {
    const auto last = partition.until == postgres::kEnd ? partition.until : partition.until - 1;
    const auto from = std::max(partition.first, question_.from);
    const auto to = std::min(last, question_.to);
    const RunInfo info{.source = partition.source, .times = {from, to}};
    if (to < from || segments::need_of(question_, info) == Need::nothing) return;
    postgres::read_rows(transaction_, partition, from, to, kBatch, [&](auto records) {
        snapshots_.rows_read_.Increment(static_cast<double>(records.size()));
        add_records(partition.source, records);
    });
}

void SnapshotReader::add_records(Source source, std::span<const segments::Record> records) {
    if (stop_.stop_requested()) throw segments::Stopped{};
    auto made = segments::encode(source, records, snapshots_.seed_);
    if (!made) return;
    const auto share = std::make_shared<const segments::Share>(std::move(made->shares.at(0)));
    auto part = segments::Segment::decode(segments::blob_of(std::move(made->bytes)),
                                          segments::Check::directory);
    add_run(info_of(source, *share), share->sums, {std::move(part.value())}, share, {});
}

void SnapshotReader::add_run(const RunInfo& info, const segments::Sums& sums, Parts parts,
                             std::shared_ptr<const void> kept, SegmentPtr segment) {
    if (segments::need_of(question_, info) == Need::nothing) return;
    snapshot_.runs.push_back({.info = info, .sums = &sums, .parts = std::move(parts)});
    snapshot_.kept.push_back(std::move(kept));
    segments_.push_back(std::move(segment));
}

void SnapshotReader::fetch(const segments::Question& question) {
    std::vector<std::size_t> places;
    std::vector<SegmentPtr> wanted;
    for (std::size_t i = 0; i < segments_.size(); ++i) {
        const auto& run = snapshot_.runs[i];
        if (!run.parts.empty() || segments::need_of(question, run.info) != Need::parts) continue;
        places.push_back(i);
        wanted.push_back(segments_[i]);
    }
    const auto found = snapshots_.cache_.find(wanted, transaction_, stop_);
    if (std::ranges::find(found, nullptr) != found.end()) {
        // Now that they are known to be damaged, their partitions' rows take their place.
        snapshot_ = {};
        segments_.clear();
        add_partitions();
        return fetch(question);
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        snapshot_.runs[places[i]].parts = *found[i];
        snapshot_.kept.push_back(found[i]);
    }
}

Snapshots::Snapshots(const CacheOptions& options, metrics::Registry& metrics,
                     const logging::Logger& log)
    : seed_{random_seed()},
      cache_{options, metrics, log},
      rows_read_{metrics.counter(
          "rows_read_instead_total",
          "Rows that reports read since their partition's segments were not built or damaged.")} {}

bool Snapshots::warm(pqxx::transaction_base& transaction) {
    constexpr std::uint64_t kBytes = 16 << 20;
    std::vector<SegmentPtr> segments;
    std::set<std::int64_t> blobs;
    for (const auto& partition : catalogue_.read(transaction)) {
        for (const auto& segment : partition.segments) {
            segments.push_back(segment);
            blobs.insert(segment->blob);
        }
    }
    cache_.forget_all_but(blobs);
    std::ranges::sort(segments, std::ranges::greater{},
                      [](const auto& segment) { return segment->share.times.last; });
    return cache_.warm(segments, kBytes, transaction);
}

}  // namespace events::reporter
