#include "segment_builder.hpp"

#include "common/segments/merge.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace events::reporter {
namespace {

using postgres::PartitionState;

void store(pqxx::work& transaction, const PartitionState& partition, int level,
           const segments::NewSegment& segment) {
    const postgres::SegmentShare share{partition.partition, segment.shares.at(0)};
    if (!postgres::store_segment(transaction, partition.source, level, {&segment.bytes, 1},
                                 {&share, 1}, false)) {
        throw std::runtime_error{"a segment was not stored"};
    }
}

}  // namespace

SegmentBuilder::SegmentBuilder(const std::string& url)
    : connection_{{.url = config::Secret{url}, .application_name = "builder"}, {}} {}

/// The plain partitions, from now on built and without segments.
std::vector<PartitionState> SegmentBuilder::begin(pqxx::work& transaction) {
    auto partitions = postgres::read_partitions(transaction);
    std::erase_if(partitions, [](const auto& partition) { return !partition.is_plain; });
    for (const auto& [source, oid, is_built, is_plain, first, until] : partitions) {
        transaction.exec(fmt::format(
            "DELETE FROM segment_blobs WHERE id IN (SELECT blob FROM segments WHERE partition = "
            "{0}); DELETE FROM segments WHERE partition = {0}; DELETE FROM event_changes WHERE "
            "partition = {0}; DELETE FROM partition_marks WHERE partition = {0}; DELETE FROM "
            "built_partitions WHERE partition = {0}; INSERT INTO built_partitions (partition, "
            "source, name, filenode) SELECT oid, '{1}', relname, relfilenode FROM pg_class WHERE "
            "oid = {0}",
            oid, source.name()));
    }
    return partitions;
}

void SegmentBuilder::build(std::size_t rows) {
    connection_.transact([&](pqxx::work& transaction) {
        for (const auto& partition : begin(transaction)) {
            postgres::read_rows(
                transaction, partition, postgres::kBeginning, postgres::kEnd, 100'000,
                [&](std::span<const segments::Record> records) {
                    for (; !records.empty();) {
                        const auto count = std::min(rows, records.size());
                        store(transaction, partition, 0,
                              *segments::encode(partition.source, records.first(count), {}));
                        records = records.subspan(count);
                    }
                });
        }
    });
}

void SegmentBuilder::build_in_parts(std::size_t rows) {
    connection_.transact([&](pqxx::work& transaction) {
        for (const auto& partition : begin(transaction)) {
            std::vector<segments::MergeInput> inputs;
            postgres::read_rows(transaction, partition, postgres::kBeginning, postgres::kEnd, 50,
                                [&](std::span<const segments::Record> records) {
                                    auto segment = segments::encode(partition.source, records, {});
                                    inputs.push_back(segments::input_of(*segments::Segment::decode(
                                        segments::blob_of(std::move(segment->bytes)))));
                                });
            segments::Merge merge{partition.source, std::move(inputs), {.rows_per_part = rows}};
            postgres::NewBlob blob{transaction};
            while (const auto part = merge.next()) blob.add(part->bytes);
            if (blob.parts() == 0) continue;
            const postgres::SegmentShare share{partition.partition, merge.share()};
            if (!postgres::store_shares(transaction, partition.source, 2, blob, {&share, 1},
                                        true)) {
                throw std::runtime_error{"a segment was not stored"};
            }
        }
    });
}

void SegmentBuilder::build_shared() {
    connection_.transact([&](pqxx::work& transaction) {
        const auto partitions = begin(transaction);
        for (const auto source : sources()) {
            // The records' texts live as long as a call: the blob is merged of the partitions'.
            std::vector<segments::MergeInput> inputs;
            std::vector<postgres::SegmentShare> shares;
            for (const auto& partition : partitions) {
                if (partition.source != source) continue;
                postgres::read_rows(
                    transaction, partition, postgres::kBeginning, postgres::kEnd, 100'000,
                    [&](std::span<const segments::Record> records) {
                        auto segment = segments::encode(source, records, {});
                        shares.push_back({partition.partition, segment->shares.at(0)});
                        inputs.push_back(segments::input_of(*segments::Segment::decode(
                            segments::blob_of(std::move(segment->bytes)))));
                    });
            }
            segments::Merge merge{source, std::move(inputs), {}};
            const auto blob = merge.next();
            if (!blob) continue;
            if (!postgres::store_segment(transaction, source, 0, {&blob->bytes, 1}, shares, true)) {
                throw std::runtime_error{"a segment was not stored"};
            }
        }
    });
}

void SegmentBuilder::fold_changes() {
    connection_.transact([&](pqxx::work& transaction) {
        for (const auto& partition : postgres::read_partitions(transaction)) {
            postgres::read_changes(
                transaction, partition, 100'000, [&](std::span<const segments::Record> records) {
                    const auto segment = segments::encode(partition.source, records, {});
                    if (segment) store(transaction, partition, 0, *segment);
                });
        }
        transaction.exec("DELETE FROM event_changes");
    });
}

}  // namespace events::reporter
