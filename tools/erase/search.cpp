#include "erase/search.hpp"

#include "common/postgres/array_literal.hpp"
#include "common/postgres/segment_merge.hpp"
#include "common/postgres/sql_text.hpp"
#include "common/segments/user_rows.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace events::erase {
namespace {

using postgres::PartitionState;
using postgres::StoredSegment;

/// Of one statement.
constexpr std::size_t kTimes = 5'000;

/// Whether any of the rows is one of the segment's own, whose times are added.
bool add_times(const segments::Segment& segment, const segments::RowSpan& rows,
               const segments::TimeRange& window, std::vector<std::int64_t>& times) {
    std::vector<std::int64_t> found(rows.end - rows.begin);
    segment.read_times(rows.begin, found);
    std::erase_if(found, [&](auto time) { return !window.has(time); });
    times.insert(times.end(), found.begin(), found.end());
    return !found.empty();
}

bool add_places(pqxx::transaction_base& transaction, const StoredSegment& stored, Persons persons,
                std::vector<std::int64_t>& times) {
    bool is_any = false;
    for (int part = 0; part < stored.parts; ++part) {
        const auto segment =
            postgres::read_checked(transaction, {.blob = stored.blob, .part = part});
        for (const auto& person : persons) {
            const auto rows = segments::rows_of(segment, person.key);
            if (!rows.empty()) is_any |= add_times(segment, rows, stored.share.times, times);
        }
    }
    return is_any;
}

void add_changes(pqxx::transaction_base& transaction, const PartitionState& partition,
                 Persons persons, Places& places) {
    for (const auto& row : transaction.exec_params(
             fmt::format("SELECT {} FROM event_changes WHERE partition = $1 AND source = $2 "
                         "AND user_id = ANY ($3::text[])",
                         postgres::microseconds_of("occurred_at")),
             partition.partition, std::string{partition.source.name()}, ids_literal(persons))) {
        places.times.push_back(row[0].as<std::int64_t>());
        ++places.changes;
    }
}

}  // namespace

Places find_places(pqxx::transaction_base& transaction, const PartitionState& partition,
                   Persons persons) {
    if (!partition.is_built) return {};
    std::vector<std::int64_t> ids;
    for (const auto& listed : postgres::list_segments(transaction, {&partition, 1})) {
        ids.push_back(listed.id);
    }
    Places places{.is_known = true, .times = {}, .segments = {}};
    try {
        for (const auto& stored : postgres::read_segments(transaction, ids)) {
            if (add_places(transaction, stored, persons, places.times)) {
                places.segments.push_back(stored.id);
            }
        }
    } catch (const postgres::DamagedSegment&) {
        return {};
    }
    add_changes(transaction, partition, persons, places);
    std::ranges::sort(places.times);
    places.times.erase(std::unique(places.times.begin(), places.times.end()), places.times.end());
    return places;
}

std::vector<std::string> conditions(const PartitionState& partition, const Places& places) {
    if (!places.is_known) {
        return {fmt::format(
            "occurred_at >= '{}' AND occurred_at {} '{}'", postgres::time_text(partition.first),
            partition.until == postgres::kEnd ? "<=" : "<", postgres::time_text(partition.until))};
    }
    std::vector<std::string> all;
    for (std::size_t begin = 0; begin < places.times.size(); begin += kTimes) {
        postgres::ArrayLiteral times;
        const auto end = std::min(begin + kTimes, places.times.size());
        for (auto i = begin; i < end; ++i) {
            times.add(std::string_view{postgres::time_text(places.times[i])});
        }
        all.push_back(fmt::format("occurred_at = ANY ('{}'::timestamptz[])", times.text()));
    }
    return all;
}

}  // namespace events::erase
