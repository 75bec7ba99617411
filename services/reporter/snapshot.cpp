#include "reporter/snapshot.hpp"

#include <algorithm>
#include <functional>
#include <random>
#include <set>
#include <utility>

namespace events::reporter {
namespace {

using postgres::Oid;
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

std::vector<PartitionState> read_built(pqxx::transaction_base& transaction) {
    auto partitions = postgres::read_partitions(transaction);
    std::erase_if(partitions, [](const auto& partition) { return !partition.is_built; });
    return partitions;
}

constexpr std::size_t kBatch = 131'072;

}  // namespace

SnapshotReader::SnapshotReader(Snapshots& snapshots, const segments::Question& question,
                               pqxx::transaction_base& transaction, std::stop_token stop)
    : snapshots_{snapshots},
      question_{question},
      transaction_{transaction},
      stop_{std::move(stop)},
      partitions_{postgres::read_partitions(transaction)} {
    add_segments();
    add_changes();
    for (const auto& partition : partitions_) {
        if (!partition.is_built) add_rows(partition);
    }
}

void SnapshotReader::add_segments() {
    const auto listed = postgres::list_segments(transaction_, partitions_);
    const auto all = snapshots_.catalogue_.find(listed, transaction_);
    std::set<Oid> damaged;
    for (const auto& segment : all) {
        if (snapshots_.cache_.is_damaged(segment->blob)) damaged.insert(segment->partition);
    }
    for (auto& partition : partitions_) {
        if (damaged.contains(partition.partition)) partition.is_built = false;
    }
    for (const auto& segment : all) {
        if (damaged.contains(segment->partition)) continue;
        add_run(info_of(segment->source, segment->share), {segment, &segment->share.sums}, {},
                {segment->partition, segment});
    }
}

void SnapshotReader::add_changes() {
    std::set<Oid> changed;
    for (const auto& row : transaction_.exec("SELECT DISTINCT partition FROM event_changes")) {
        changed.insert(row[0].as<Oid>());
    }
    for (const auto& partition : partitions_) {
        if (!partition.is_built || !changed.contains(partition.partition)) continue;
        postgres::read_changes(transaction_, partition, kBatch,
                               [&](auto records) { add_records(partition, records); });
    }
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
        add_records(partition, records);
    });
}

void SnapshotReader::add_records(const PartitionState& partition,
                                 std::span<const segments::Record> records) {
    if (stop_.stop_requested()) throw segments::Stopped{};
    auto made = segments::encode(partition.source, records, snapshots_.seed_);
    if (!made) return;
    const auto share = std::make_shared<const segments::Share>(std::move(made->shares.at(0)));
    auto part = segments::Segment::decode(segments::blob_of(std::move(made->bytes)),
                                          segments::Check::directory);
    add_run(info_of(partition.source, *share), {share, &share->sums}, {std::move(part.value())},
            {partition.partition, nullptr});
}

void SnapshotReader::add_run(const RunInfo& info, std::shared_ptr<const segments::Sums> sums,
                             Parts parts, Origin origin) {
    if (segments::need_of(question_, info) == Need::nothing) return;
    snapshot_.runs.push_back({.info = info, .sums = sums.get(), .parts = std::move(parts)});
    snapshot_.sums.push_back(std::move(sums));
    origins_.push_back(std::move(origin));
}

void SnapshotReader::fetch(const segments::Question& question) {
    std::vector<std::size_t> places;
    std::vector<SegmentPtr> wanted;
    for (std::size_t i = 0; i < origins_.size(); ++i) {
        const auto& run = snapshot_.runs[i];
        if (!run.parts.empty() || segments::need_of(question, run.info) != Need::parts) continue;
        places.push_back(i);
        wanted.push_back(origins_[i].segment);
    }
    const auto found = snapshots_.cache_.find(wanted, transaction_, stop_);
    std::set<Oid> damaged;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (found[i]) {
            snapshot_.runs[places[i]].parts = *found[i];
            snapshot_.used.push_back(found[i]);
        } else {
            damaged.insert(wanted[i]->partition);
        }
    }
    if (!damaged.empty()) replace(damaged);
}

/// By the partitions' rows.
void SnapshotReader::replace(const std::set<Oid>& damaged) {
    const auto before = std::exchange(snapshot_, {});
    snapshot_.used = before.used;
    const auto origins = std::exchange(origins_, {});
    for (std::size_t i = 0; i < origins.size(); ++i) {
        if (damaged.contains(origins[i].partition)) continue;
        snapshot_.runs.push_back(before.runs[i]);
        snapshot_.sums.push_back(before.sums[i]);
        origins_.push_back(origins[i]);
    }
    for (const auto& partition : partitions_) {
        if (damaged.contains(partition.partition)) add_rows(partition);
    }
}

Snapshots::Snapshots(const CacheOptions& options, metrics::Registry& metrics,
                     const logging::Logger& log)
    : seed_{random_seed()},
      cache_{options, metrics, log},
      rows_read_{metrics.counter(
          "rows_read_instead_total",
          "Rows that reports read since their partition's segments were not built or damaged.")} {}

bool Snapshots::warm(pqxx::transaction_base& transaction, const std::stop_token& stop) {
    constexpr std::uint64_t kBytes = 16 << 20;
    const auto listed = postgres::list_segments(transaction, read_built(transaction));
    auto segments = catalogue_.find(listed, transaction);
    catalogue_.forget_all_but(listed);
    std::vector<std::int64_t> blobs;
    for (const auto& segment : segments) blobs.push_back(segment->blob);
    std::ranges::sort(blobs);
    cache_.forget_all_but(blobs);
    std::ranges::sort(segments, std::ranges::greater{},
                      [](const auto& segment) { return segment->share.times.last; });
    return cache_.warm(segments, kBytes, transaction, stop);
}

}  // namespace events::reporter
