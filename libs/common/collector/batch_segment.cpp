#include "common/collector/batch_segment.hpp"

#include "common/postgres/execute.hpp"
#include "common/postgres/segment_store.hpp"
#include "common/segments/encode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <random>
#include <string_view>
#include <utility>

namespace events::collector {
namespace {

using postgres::Oid;

/// $1 are partitions: each with whether it is one of the table of events ($2) itself, and whether
/// a trigger can alter its rows (BEFORE INSERT FOR EACH ROW). Read after the rows were stored:
/// their lock keeps triggers as they are.
constexpr auto kTellPartitions = R"(
SELECT partition, coalesce(inhparent = to_regclass($2), true),
       EXISTS (SELECT FROM pg_trigger
               WHERE tgrelid = partition AND tgtype & 7 = 7 AND tgenabled <> 'D')
FROM unnest($1::oid[]) AS partitions (partition) LEFT JOIN pg_inherits ON inhrelid = partition)";

/// The partitions of rows that stand in the order of time, each once.
std::vector<Oid> partitions_of(std::span<const StoredRow> rows) {
    std::vector<Oid> partitions;
    for (const auto& row : rows) {
        if (partitions.empty() || partitions.back() != row.partition) {
            partitions.push_back(row.partition);
        }
    }
    std::ranges::sort(partitions);  // a default one has several spans of time
    partitions.erase(std::unique(partitions.begin(), partitions.end()), partitions.end());
    return partitions;
}

/// Of these partitions, those of the table itself: the only ones that have segments.
std::vector<Oid> direct_of(pqxx::work& transaction, Source source,
                           std::span<const Oid> partitions) {
    std::vector<Oid> direct;
    const auto list = fmt::format("{{{}}}", fmt::join(partitions, ","));
    const std::string table{source.table()};
    for (const auto& row :
         postgres::execute(transaction, "tell_partitions", kTellPartitions, list, table)) {
        if (!row[1].as<bool>()) continue;
        if (row[2].as<bool>()) throw RowsAltered{};
        direct.push_back(row[0].as<Oid>());
    }
    return direct;
}

segments::Seed random_seed() {
    std::random_device random;
    const auto word = [&] { return std::uint64_t{random()} << 32 | random(); };
    return {.first = word(), .second = word()};
}

}  // namespace

std::vector<StoredRow> rows_returned(std::span<const StorableEvent* const> rows,
                                     const pqxx::result& returned) {
    std::vector<StoredRow> stored;
    stored.reserve(rows.size());
    auto next = rows.begin();
    for (const auto& row : returned) {
        const Timestamp time{std::chrono::microseconds{row[1].as<std::int64_t>()}};
        const std::string_view id{row[2].c_str(), row[2].size()};
        next = std::find_if(next, rows.end(), [&](const auto* event) {
            return event->event.timestamp == time && event->event.event_id == id;
        });
        if (next == rows.end()) throw RowsAltered{};
        stored.push_back({.event = *next++, .partition = row[0].as<Oid>()});
    }
    return stored;
}

BatchSegment::BatchSegment(Source source) : source_{source}, seed_{random_seed()} {}

void BatchSegment::store(pqxx::work& transaction, std::span<const StoredRow> rows, bool are_direct,
                         const ErasedUsers& erased) {
    if (rows.empty()) return;
    const auto partitions = partitions_of(rows);
    const auto direct = are_direct ? partitions : direct_of(transaction, source_, partitions);

    std::vector<segments::Record> records;
    records.reserve(rows.size());
    std::vector<std::int64_t> spans;
    std::vector<postgres::SegmentShare> shares;
    for (const auto& [event, partition] : rows) {
        if (std::ranges::find(direct, partition) == direct.end()) continue;
        records.push_back(segments::record_of(event->event));
        if (!shares.empty() && shares.back().partition == partition) continue;
        spans.push_back(event->event.timestamp.time_since_epoch().count());
        shares.push_back({.partition = partition, .share = {}});
    }
    auto segment = segments::encode(source_, records, seed_, spans);
    // All rows stand in partitions that are partitioned themselves.
    if (!segment) return erased.confirm(transaction);
    for (std::size_t i = 0; i < shares.size(); ++i) shares[i].share = std::move(segment->shares[i]);
    const std::array parts{std::move(segment->bytes)};
    if (!postgres::store_segment(transaction, source_, 0, parts, shares, true, erased.version())) {
        erased.confirm(transaction);
        static_cast<void>(direct_of(transaction, source_, partitions));  // may be RowsAltered
        throw PartitionMoved{};
    }
}

}  // namespace events::collector
