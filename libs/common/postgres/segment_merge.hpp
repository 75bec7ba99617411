#pragma once

#include "common/postgres/segment_store.hpp"
#include "common/segments/ids.hpp"
#include "common/segments/segment.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

/// Segments that are made of others, and of records, in a bounded memory: part by part.
namespace events::postgres {

/// A part is not there, or not as it was written.
class DamagedSegment : public std::runtime_error {
  public:
    DamagedSegment(std::int64_t blob, const std::string& why)
        : std::runtime_error{why}, blob_{blob} {}

    [[nodiscard]] std::int64_t blob() const noexcept { return blob_; }

  private:
    std::int64_t blob_;
};

struct MergeSettings {
    std::size_t rows_per_part = 65'536;
    segments::Seed seed{};
};

/// Reads a part and checks all of it. Failure: DamagedSegment.
[[nodiscard]] segments::Segment read_checked(pqxx::transaction_base& transaction, PartId part);

/// Stores the events of these segments of one partition as one segment of that level, or as none
/// where they cancel each other. Leaves the segments alone. Failure: DamagedSegment.
void store_merged(pqxx::transaction_base& transaction, std::span<const StoredSegment> segments,
                  int level, const MergeSettings& settings);

/// Stores any number of records of a partition, as segments of level 1, or one of level 0 where
/// they are few.
class RecordWriter {
  public:
    RecordWriter(pqxx::transaction_base& transaction, Source source, Oid partition,
                 const MergeSettings& settings)
        : transaction_{transaction}, source_{source}, partition_{partition}, settings_{settings} {}

    void add(std::span<const segments::Record> records);
    /// To be called behind the last ones.
    void finish();

    [[nodiscard]] std::int64_t rows() const noexcept { return rows_; }

  private:
    pqxx::transaction_base& transaction_;
    Source source_;
    Oid partition_;
    MergeSettings settings_;
    std::vector<segments::Segment> pieces_;  ///< not stored yet
    std::size_t piece_rows_ = 0;
    std::size_t piece_bytes_ = 0;
    std::int64_t rows_ = 0;
};

}  // namespace events::postgres
