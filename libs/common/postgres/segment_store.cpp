#include "common/postgres/segment_store.hpp"

#include "common/postgres/array_literal.hpp"
#include "common/postgres/execute.hpp"
#include "common/postgres/sql_text.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace events::postgres {
namespace {

using segments::HourSum;
using segments::format::kMicrosecondsPerHour;

std::optional<Source> source_of(const pqxx::field& field) {
    return find_source(std::string_view{field.c_str(), field.size()});
}

template <typename T, typename Project>
std::string array_of(std::span<const T> values, Project project) {
    ArrayLiteral array;
    for (const auto& value : values) array.add(project(value));
    return array.text();
}

/// An hour of kBeginning or kEnd is infinite too.
std::string hour_text(std::int64_t hour) {
    const bool is_last = hour == segments::format::floor_div(kEnd, kMicrosecondsPerHour);
    return time_text(is_last ? kEnd : hour * kMicrosecondsPerHour);
}

void add_sum(segments::Sums& sums, const pqxx::row& row, int column) {
    const auto text = [&](int at) {
        return std::string_view{row[column + at].c_str(), row[column + at].size()};
    };
    const auto cents = read_amount(text(5));
    if (!cents) throw std::range_error{"a segment's revenue is no whole number of cents"};
    sums.hours.push_back(
        {.hour = segments::format::floor_div(row[column].as<std::int64_t>(), kMicrosecondsPerHour),
         .kind = sums.kind_of(text(1), text(2)),
         .events = row[column + 3].as<std::int64_t>(),
         .orders = row[column + 4].as<std::int64_t>(),
         .cents = *cents});
}

/// The arrays of the shares' sums one behind the other, and where each share's begin and end, from
/// 1 on: a segment's row has slices of them.
class SumArrays {
  public:
    void add(const segments::Sums& sums) {
        begins.add(size_ + 1);
        for (const auto& sum : sums.hours) {
            const auto& kind = sums.kinds[sum.kind];
            hours.add(std::string_view{hour_text(sum.hour)});
            stages.add(std::string_view{kind.funnel_stage});
            types.add(std::string_view{kind.event_type});
            events.add(sum.events);
            orders.add(sum.orders);
            revenues.add(std::string_view{amount_text(sum.cents)});
        }
        size_ += static_cast<std::int64_t>(sums.hours.size());
        ends.add(size_);
    }

    ArrayLiteral begins, ends, hours, stages, types, events, orders, revenues;

  private:
    std::int64_t size_ = 0;
};

/// With $19, only for partitions that are attached and have no trigger that can alter rows (BEFORE
/// INSERT FOR EACH ROW).
constexpr auto kStoreShares =
    "INSERT INTO segments (source, partition, level, blob, parts, bytes, rows, is_signed, "
    "first_time, last_time, hours, funnel_stages, event_types, events, orders, revenues) "
    "SELECT $1, share.partition, $2, $3, $4, $5, rows, is_signed, first_time, last_time, "
    "($13::timestamptz[])[sums:until], ($14::text[])[sums:until], ($15::text[])[sums:until], "
    "($16::bigint[])[sums:until], ($17::bigint[])[sums:until], ($18::numeric[])[sums:until] "
    "FROM unnest($6::oid[], $7::bigint[], $8::boolean[], $9::timestamptz[], $10::timestamptz[], "
    "$11::integer[], $12::integer[]) "
    "AS share (partition, rows, is_signed, first_time, last_time, sums, until) "
    "WHERE (NOT $19::boolean OR EXISTS (SELECT FROM pg_inherits WHERE inhrelid = share.partition "
    "AND inhparent = to_regclass($1 || '_events') AND NOT inhdetachpending) "
    "AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = share.partition AND tgtype & 7 = 7 "
    "AND tgenabled <> 'D')) "
    "AND coalesce($20::bigint = (SELECT version FROM erasure_list), true)";

}  // namespace

std::vector<PartitionState> read_partitions(pqxx::transaction_base& transaction) {
    static const auto kSql = fmt::format(
        "SELECT source, partition, is_built, is_plain, {}, {} FROM partition_states "
        "ORDER BY source, first, partition",
        microseconds_of("first"), microseconds_of("until"));
    std::vector<PartitionState> partitions;
    for (const auto& row : execute(transaction, "read_partitions", kSql)) {
        const auto source = source_of(row[0]);
        if (!source) continue;  // of a newer version
        partitions.push_back({.source = *source,
                              .partition = row[1].as<Oid>(),
                              .is_built = row[2].as<bool>(),
                              .is_plain = row[3].as<bool>(),
                              .first = row[4].as<std::int64_t>(),
                              .until = row[5].as<std::int64_t>()});
    }
    return partitions;
}

std::vector<ListedSegment> list_segments(pqxx::transaction_base& transaction,
                                         std::span<const PartitionState> partitions) {
    ArrayLiteral built;
    for (const auto& partition : partitions) {
        if (partition.is_built) built.add(std::int64_t{partition.partition});
    }
    std::vector<ListedSegment> listed;
    for (const auto& row :
         execute(transaction, "list_segments",
                 "SELECT id, partition FROM segments WHERE partition = ANY ($1::oid[])",
                 built.text())) {
        listed.push_back({.id = row[0].as<std::int64_t>(), .partition = row[1].as<Oid>()});
    }
    return listed;
}

std::vector<StoredSegment> read_segments(pqxx::transaction_base& transaction,
                                         std::span<const std::int64_t> ids) {
    static const auto kSql = fmt::format(
        "SELECT id, source, partition, level, blob, parts, bytes, rows, is_signed, {}, {}, {}, "
        "sums.stage, sums.type, sums.events, sums.orders, sums.revenue "
        "FROM segments LEFT JOIN LATERAL unnest(hours, funnel_stages, event_types, "
        "segments.events, segments.orders, revenues) "
        "AS sums (hour, stage, type, events, orders, revenue) ON true "
        "WHERE id = ANY ($1::bigint[]) ORDER BY id",
        microseconds_of("first_time"), microseconds_of("last_time"), microseconds_of("sums.hour"));
    std::vector<StoredSegment> found;
    for (const auto& row : execute(transaction, "read_segments", kSql,
                                   array_of(ids, [](std::int64_t id) { return id; }))) {
        const auto id = row[0].as<std::int64_t>();
        if (found.empty() || found.back().id != id) {
            found.push_back(
                {.id = id,
                 .source = source_of(row[1]).value(),
                 .partition = row[2].as<Oid>(),
                 .level = row[3].as<int>(),
                 .blob = row[4].as<std::int64_t>(),
                 .parts = row[5].as<int>(),
                 .bytes = row[6].as<std::int64_t>(),
                 .share = {.times = {row[9].as<std::int64_t>(), row[10].as<std::int64_t>()},
                           .rows = row[7].as<std::uint64_t>(),
                           .is_signed = row[8].as<bool>(),
                           .sums = {}}});
        }
        // A segment whose sums cancel has none. LEAST passes over the hour's null.
        if (!row[12].is_null()) add_sum(found.back().share.sums, row, 11);
    }
    return found;
}

std::vector<std::vector<std::byte>> read_parts(pqxx::transaction_base& transaction,
                                               std::span<const PartId> parts) {
    const auto rows = execute(
        transaction, "read_parts",
        "SELECT bytes FROM unnest($1::bigint[], $2::integer[]) WITH ORDINALITY "
        "AS wanted (id, part, place) LEFT JOIN segment_blobs USING (id, part) ORDER BY place",
        array_of(parts, [](const PartId& part) { return part.blob; }),
        array_of(parts, [](const PartId& part) { return std::int64_t{part.part}; }));
    std::vector<std::vector<std::byte>> found;
    found.reserve(parts.size());
    for (const auto& row : rows) {
        found.push_back(row[0].is_null() ? std::vector<std::byte>{}
                                         : read_bytea({row[0].c_str(), row[0].size()}));
    }
    return found;
}

std::vector<std::byte> read_part(pqxx::transaction_base& transaction, std::int64_t blob, int part) {
    const PartId id{.blob = blob, .part = part};
    return std::move(read_parts(transaction, {&id, 1}).front());
}

void NewBlob::add(std::span<const std::byte> part) {
    const auto row = execute(transaction_, "store_part",
                             "INSERT INTO segment_blobs (id, part, bytes) "
                             "VALUES (coalesce($1, nextval('segment_blob_ids')), $2, $3) "
                             "RETURNING id",
                             id_, parts_, pqxx::binarystring{part.data(), part.size()});
    id_ = row.at(0).at(0).as<std::int64_t>();
    parts_ += 1;
    bytes_ += static_cast<std::int64_t>(part.size());
}

bool store_shares(pqxx::transaction_base& transaction, Source source, int level,
                  const NewBlob& blob, std::span<const SegmentShare> shares, bool just_written,
                  std::optional<std::int64_t> erasures) {
    ArrayLiteral partitions, rows, are_signed, firsts, lasts;
    SumArrays sums;
    for (const auto& [partition, share] : shares) {
        partitions.add(std::int64_t{partition});
        rows.add(static_cast<std::int64_t>(share.rows));
        are_signed.add(std::string_view{share.is_signed ? "t" : "f"});
        firsts.add(std::string_view{time_text(share.times.first)});
        lasts.add(std::string_view{time_text(share.times.last)});
        sums.add(share.sums);
    }
    const auto stored = execute(
        transaction, "store_shares", kStoreShares, std::string{source.name()}, level, blob.id(),
        blob.parts(), blob.bytes(), partitions.text(), rows.text(), are_signed.text(),
        firsts.text(), lasts.text(), sums.begins.text(), sums.ends.text(), sums.hours.text(),
        sums.stages.text(), sums.types.text(), sums.events.text(), sums.orders.text(),
        sums.revenues.text(), just_written, erasures);
    return stored.affected_rows() == shares.size();
}

bool store_segment(pqxx::transaction_base& transaction, Source source, int level,
                   std::span<const std::vector<std::byte>> parts,
                   std::span<const SegmentShare> shares, bool just_written,
                   std::optional<std::int64_t> erasures) {
    NewBlob blob{transaction};
    for (const auto& part : parts) blob.add(part);
    return store_shares(transaction, source, level, blob, shares, just_written, erasures);
}

}  // namespace events::postgres
