#include "reporter/part_reader.hpp"

#include "common/segments/format.hpp"

#include <iterator>
#include <utility>

namespace events::reporter {

void PartReader::add(const postgres::StoredSegment& segment) {
    for (int part = 0; part < segment.parts; ++part) {
        wanted_.push_back({.part = {.blob = segment.blob, .part = part},
                           .bytes = static_cast<std::uint64_t>(segment.bytes / segment.parts)});
    }
}

Bytes PartReader::next() {
    constexpr std::uint64_t kBytes = 8 << 20;  // of a statement
    constexpr std::size_t kParts = 1'000;
    if (read_.empty()) {
        std::vector<postgres::PartId> parts;
        for (std::uint64_t bytes = 0; !wanted_.empty(); wanted_.pop_front()) {
            bytes += wanted_.front().bytes;
            if (!parts.empty() && (bytes > kBytes || parts.size() == kParts)) break;
            parts.push_back(wanted_.front().part);
        }
        auto read = postgres::read_parts(transaction_, parts);
        read_.assign(std::make_move_iterator(read.begin()), std::make_move_iterator(read.end()));
    }
    auto bytes = std::move(read_.front());
    read_.pop_front();
    return bytes;
}

std::vector<Bytes> read_headers(std::int64_t blob, pqxx::transaction_base& transaction) {
    std::vector<Bytes> headers;
    const auto rows = transaction.exec_params(
        "SELECT substring(bytes FROM 1 FOR $2) FROM segment_blobs WHERE id = $1 ORDER BY part",
        blob, sizeof(segments::format::Header));
    for (const auto& row : rows) {
        const pqxx::binarystring header{row[0]};
        const auto* first = reinterpret_cast<const std::byte*>(header.data());  // NOLINT
        headers.emplace_back(first, first + header.size());
    }
    return headers;
}

}  // namespace events::reporter
