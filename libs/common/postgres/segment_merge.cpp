#include "common/postgres/segment_merge.hpp"

#include "common/segments/merge.hpp"
#include "common/segments/segment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace events::postgres {
namespace {

using segments::MergeInput;
using segments::Segment;

/// Small blobs that are read by one statement, in bytes.
constexpr std::int64_t kBytesAtATime = 1 << 20;
/// What RecordWriter collects: parts of a segment, and bytes.
constexpr std::size_t kPartsToWrite = 4;
constexpr std::size_t kBytesToWrite = std::size_t{24} << 20;

Segment checked(PartId part, std::vector<std::byte> bytes) {
    if (bytes.empty()) {
        throw DamagedSegment{part.blob,
                             fmt::format("part {} of blob {} is not there", part.part, part.blob)};
    }
    auto segment = Segment::decode(segments::blob_of(std::move(bytes)));
    if (segment) return *std::move(segment);
    throw DamagedSegment{
        part.blob, fmt::format("part {} of blob {}: {}", part.part, part.blob, segment.error())};
}

void store(pqxx::transaction_base& transaction, Source source, Oid partition, int level,
           std::vector<MergeInput> inputs, const MergeSettings& settings) {
    segments::Merge merge{source,
                          std::move(inputs),
                          {.rows_per_part = settings.rows_per_part, .seed = settings.seed}};
    NewBlob blob{transaction};
    while (const auto part = merge.next()) blob.add(part->bytes);
    if (blob.parts() == 0) return;
    const SegmentShare share{.partition = partition, .share = merge.share()};
    if (!store_shares(transaction, source, level, blob, {&share, 1}, false)) {
        throw std::logic_error{"a segment was not stored"};
    }
}

MergeInput input_of(pqxx::transaction_base& transaction, const StoredSegment& stored) {
    return {.next = [&transaction, blob = stored.blob, parts = stored.parts,
                     part = 0]() mutable -> std::optional<Segment> {
                if (part == parts) return std::nullopt;
                return read_checked(transaction, {.blob = blob, .part = part++});
            },
            .window = stored.share.times};
}

/// Inputs of small segments, from the first on: as many as one statement reads.
void add_small(pqxx::transaction_base& transaction, std::span<const StoredSegment> segments,
               std::vector<MergeInput>& inputs) {
    std::vector<PartId> parts;
    std::int64_t bytes = 0;
    for (const auto& segment : segments) {
        bytes += segment.bytes;
        if (segment.parts != 1 || bytes > kBytesAtATime) break;
        parts.push_back({.blob = segment.blob});
    }
    if (parts.empty()) return;
    auto read = read_parts(transaction, parts);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        inputs.push_back(
            segments::input_of(checked(parts[i], std::move(read[i])), segments[i].share.times));
    }
}

}  // namespace

Segment read_checked(pqxx::transaction_base& transaction, PartId part) {
    return checked(part, read_part(transaction, part.blob, part.part));
}

void store_merged(pqxx::transaction_base& transaction, std::span<const StoredSegment> segments,
                  int level, const MergeSettings& settings) {
    std::vector<MergeInput> inputs;
    while (inputs.size() < segments.size()) {
        const auto left = segments.subspan(inputs.size());
        const auto before = inputs.size();
        add_small(transaction, left, inputs);
        if (inputs.size() == before) inputs.push_back(input_of(transaction, left.front()));
    }
    const auto& first = segments.front();
    store(transaction, first.source, first.partition, level, std::move(inputs), settings);
}

void RecordWriter::add(std::span<const segments::Record> records) {
    rows_ += static_cast<std::int64_t>(records.size());
    auto piece = segments::encode(source_, records, settings_.seed);
    if (!piece) return;  // they cancel each other
    piece_bytes_ += piece->bytes.size();
    pieces_.push_back(
        Segment::decode(segments::blob_of(std::move(piece->bytes)), segments::Check::directory)
            .value());
    piece_rows_ += pieces_.back().rows();
    if (piece_rows_ >= kPartsToWrite * settings_.rows_per_part || piece_bytes_ >= kBytesToWrite) {
        finish();
    }
}

void RecordWriter::finish() {
    if (pieces_.empty()) return;
    std::vector<MergeInput> inputs;
    for (auto& piece : pieces_) inputs.push_back(segments::input_of(std::move(piece)));
    const int level = pieces_.size() == 1 ? 0 : 1;
    pieces_.clear();
    piece_rows_ = 0;
    piece_bytes_ = 0;
    store(transaction_, source_, partition_, level, std::move(inputs), settings_);
}

}  // namespace events::postgres
