#include "reporter/catalogue.hpp"

#include "common/postgres/execute.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace events::reporter {
namespace {

/// Of a PostgreSQL array of numbers, e.g. {1,22}.
std::vector<std::int64_t> numbers_of(std::string_view array) {
    std::vector<std::int64_t> numbers;
    const auto* end = array.data() + array.size();
    for (const auto* at = array.data() + 1; at < end - 1; ++at) {
        at = std::from_chars(at, end, numbers.emplace_back()).ptr;
    }
    return numbers;
}

struct ListedPartition {
    Partition partition;
    std::vector<std::int64_t> segments;  ///< ids
};

/// Without the partitions' bounds, which cost more than all else and which only rows need.
std::vector<ListedPartition> list_partitions(pqxx::transaction_base& transaction) {
    static const std::string kSql =
        "SELECT source, partition, is_built, "
        "is_built AND partition IN (SELECT partition FROM event_changes), "
        "CASE WHEN is_built THEN ARRAY(SELECT id FROM segments "
        "WHERE segments.partition = states.partition) ELSE '{}' END FROM partition_states AS "
        "states";
    std::vector<ListedPartition> listed;
    for (const auto& row : postgres::execute(transaction, "list_partitions", kSql)) {
        const auto text = [&](int column) {
            return std::string_view{row[column].c_str(), row[column].size()};
        };
        const auto source = find_source(text(0));
        if (!source) continue;  // a newer version's
        listed.push_back({.partition = {.source = *source,
                                        .partition = row[1].as<postgres::Oid>(),
                                        .is_built = row[2].as<bool>(),
                                        .has_changes = row[3].as<bool>()},
                          .segments = numbers_of(text(4))});
    }
    return listed;
}

}  // namespace

std::vector<Partition> Catalogue::read(pqxx::transaction_base& transaction) {
    const auto known = [this] {
        const std::lock_guard lock{mutex_};
        return known_;
    }();
    auto listed = list_partitions(transaction);
    std::vector<std::int64_t> unknown;
    std::size_t size = 0;
    for (const auto& partition : listed) {
        size += partition.segments.size();
        std::ranges::copy_if(partition.segments, std::back_inserter(unknown),
                             [&](auto id) { return !known->contains(id); });
    }
    Known read;
    if (!unknown.empty()) {
        for (auto& segment : postgres::read_segments(transaction, unknown)) {
            const auto id = segment.id;
            read.emplace(id, std::make_shared<const postgres::StoredSegment>(std::move(segment)));
        }
    }
    std::vector<Partition> partitions;
    for (auto& [partition, ids] : listed) {
        for (const auto id : ids) {
            const auto found = known->find(id);
            // Of the same snapshot as the list: it is there.
            partition.segments.push_back(found == known->end() ? read.at(id) : found->second);
        }
        partitions.push_back(std::move(partition));
    }
    if (!read.empty() || size != known->size()) remember(partitions);
    return partitions;
}

/// And forgets all others.
void Catalogue::remember(std::span<const Partition> partitions) {
    auto known = std::make_shared<Known>();
    for (const auto& partition : partitions) {
        for (const auto& segment : partition.segments) known->emplace(segment->id, segment);
    }
    const std::lock_guard lock{mutex_};
    known_ = std::move(known);
}

}  // namespace events::reporter
