#include "common/collector/segment_upkeep.hpp"

#include "common/postgres/array_literal.hpp"
#include "common/postgres/execute.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace events::collector {
namespace {

using namespace std::chrono_literals;
using postgres::execute;
using postgres::Oid;
using postgres::PartitionState;

/// Of records that are read, encoded and forgotten at a time.
constexpr std::size_t kRecordsAtATime = 4'096;
/// Everybody who comes to write to a partition waits behind a lock that waits.
constexpr auto kWatchTimeout = "500ms";

std::string text_of(std::span<const std::int64_t> ids) {
    postgres::ArrayLiteral array;
    for (const auto id : ids) array.add(id);
    return array.text();
}

MergeCandidate read_candidate(const pqxx::row& row) {
    return {.id = row["id"].as<std::int64_t>(),
            .level = row["level"].as<int>(),
            .rows = row["rows"].as<std::uint64_t>(),
            .part_bytes = row["part_bytes"].as<std::uint64_t>(),
            .is_signed = row["is_signed"].as<bool>(),
            .shares_blob = row["shares_blob"].as<bool>(),
            .age = std::chrono::seconds{row["age"].as<std::int64_t>()}};
}

/// Those of the blobs that no segment is left of.
void delete_blobs(pqxx::transaction_base& work, const std::string& ids) {
    execute(work, "delete_blobs",
            "DELETE FROM segment_blobs WHERE id = ANY ($1::bigint[]) "
            "AND NOT EXISTS (SELECT FROM segments WHERE blob = segment_blobs.id)",
            ids);
}

/// Forgets what segments and changes say of a partition, as far as the snapshot sees it. False
/// where it is not attached.
bool begin_building(pqxx::transaction_base& work, Oid partition) {
    const auto built = work.exec_params(
        "INSERT INTO built_partitions (partition, source, name, filenode) "
        "SELECT partition, source, name, filenode FROM attached_partitions "
        "WHERE partition = $1 AND is_plain "
        "ON CONFLICT (partition) DO UPDATE SET source = excluded.source, "
        "name = excluded.name, filenode = excluded.filenode",
        partition);
    if (built.affected_rows() == 0) return false;
    postgres::ArrayLiteral blobs;
    for (const auto& row :
         work.exec_params("DELETE FROM segments WHERE partition = $1 RETURNING blob", partition)) {
        blobs.add(row[0].as<std::int64_t>());
    }
    delete_blobs(work, blobs.text());
    work.exec_params("DELETE FROM event_changes WHERE partition = $1", partition);
    work.exec_params("DELETE FROM partition_marks WHERE partition = $1", partition);
    return true;
}

}  // namespace

SegmentUpkeep::SegmentUpkeep(Source source, std::string lane, postgres::Options database,
                             postgres::MergeSettings settings)
    : source_{source},
      lane_{std::move(lane)},
      settings_{settings},
      connection_{std::move(database), {}} {}

bool SegmentUpkeep::exclusively(const std::function<bool(pqxx::transaction_base&)>& work) {
    const auto lock = fmt::format("events-handler segments {} {} {}", connection_.options().schema,
                                  source_.name(), lane_);
    return connection_.guarded([&](postgres::Session& session) {
        pqxx::transaction<pqxx::isolation_level::repeatable_read> transaction{session};
        const auto is_free =
            execute(transaction, "enter_lane",
                    "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", lock);
        if (!is_free[0][0].as<bool>() || !work(transaction)) return false;
        transaction.commit();
        return true;
    });
}

std::vector<UpkeepPartition> SegmentUpkeep::list() {
    return connection_.read([&](pqxx::transaction_base& work) {
        const std::string source{source_.name()};
        std::vector<UpkeepPartition> listed;
        for (const auto& state : postgres::read_partitions(work)) {
            if (state.source != source_) continue;
            listed.push_back({.state = state, .segments = {}});
        }
        const auto find = [&](const pqxx::row& row) {
            const auto partition = row["partition"].as<Oid>();
            return std::ranges::find_if(listed, [&](const auto& candidate) {
                return candidate.state.partition == partition;
            });
        };
        for (const auto& row :
             execute(work, "list_candidates",
                     "SELECT partition, id, level, rows, bytes / greatest(parts, 1) AS part_bytes, "
                     "is_signed, count(*) OVER (PARTITION BY blob) > 1 AS shares_blob, "
                     "greatest(extract(epoch FROM now() - written_at), 0)::bigint AS age "
                     "FROM segments WHERE source = $1",
                     source)) {
            const auto partition = find(row);
            if (partition != listed.end()) partition->segments.push_back(read_candidate(row));
        }
        for (const auto& row :
             execute(work, "list_changed",
                     "SELECT DISTINCT partition FROM event_changes WHERE source = $1", source)) {
            const auto partition = find(row);
            if (partition != listed.end()) partition->has_changes = true;
        }
        return listed;
    });
}

bool SegmentUpkeep::merge(const PlannedMerge& planned) {
    return exclusively([&](pqxx::transaction_base& work) {
        const auto segments = postgres::read_segments(work, planned.ids);
        if (segments.size() != planned.ids.size()) return false;
        const auto deleted =
            execute(work, "delete_segments", "DELETE FROM segments WHERE id = ANY ($1::bigint[])",
                    text_of(planned.ids));
        if (deleted.affected_rows() != planned.ids.size()) return false;
        postgres::store_merged(work, segments, planned.level, settings_);
        std::vector<std::int64_t> blobs;
        for (const auto& segment : segments) blobs.push_back(segment.blob);
        delete_blobs(work, text_of(blobs));
        return true;
    });
}

std::int64_t SegmentUpkeep::fold_changes(const PartitionState& partition) {
    std::int64_t folded = 0;
    const auto is_done = exclusively([&](pqxx::transaction_base& work) {
        postgres::RecordWriter writer{work, source_, partition.partition, settings_};
        postgres::read_changes(work, partition, kRecordsAtATime,
                               [&](auto records) { writer.add(records); });
        writer.finish();
        folded = writer.rows();
        // The snapshot's: just those that were read.
        work.exec_params("DELETE FROM event_changes WHERE partition = $1 AND source = $2",
                         partition.partition, std::string{source_.name()});
        return true;
    });
    return is_done ? folded : 0;
}

std::optional<std::int64_t> SegmentUpkeep::build(const PartitionState& partition) {
    const auto is_watched = exclusively([&](pqxx::transaction_base& work) {
        work.exec(fmt::format("SET LOCAL lock_timeout = '{}'", kWatchTimeout));
        const auto watched = work.exec_params(
            "SELECT watch_partition(source, partition::regclass) FROM attached_partitions "
            "WHERE partition = $1 AND is_plain",
            partition.partition);
        return !watched.empty();
    });
    if (!is_watched) return std::nullopt;
    // A snapshot of its own: the first that has the rows of whoever wrote unwatched.
    std::int64_t rows = 0;
    const auto is_built = exclusively([&](pqxx::transaction_base& work) {
        if (!begin_building(work, partition.partition)) return false;
        postgres::RecordWriter writer{work, source_, partition.partition, settings_};
        postgres::read_rows(work, partition, postgres::kBeginning, postgres::kEnd, kRecordsAtATime,
                            [&](auto records) { writer.add(records); });
        writer.finish();
        rows = writer.rows();
        return true;
    });
    if (!is_built) return std::nullopt;
    return rows;
}

void SegmentUpkeep::sweep() {
    exclusively([&](pqxx::transaction_base& work) {
        const std::string source{source_.name()};
        const std::string dropped{"NOT EXISTS (SELECT FROM pg_class WHERE oid = partition)"};
        for (const auto* table : {"segments", "event_changes", "built_partitions"}) {
            work.exec_params(fmt::format("DELETE FROM {} WHERE source = $1 AND {}", table, dropped),
                             source);
        }
        work.exec("DELETE FROM partition_marks WHERE " + dropped);
        work.exec(
            "DELETE FROM segment_blobs "
            "WHERE NOT EXISTS (SELECT FROM segments WHERE blob = segment_blobs.id)");
        return true;
    });
}

void SegmentUpkeep::check_next_part() {
    connection_.read([&](pqxx::transaction_base& work) {
        const auto found = work.exec_params(
            "SELECT blob FROM segments WHERE source = $1 AND level > 0 "
            "AND (blob > $2 OR blob = $2 AND parts > $3) ORDER BY blob LIMIT 1",
            std::string{source_.name()}, checked_.blob, checked_.part);
        if (found.empty()) {
            checked_ = {};
            return 0;
        }
        const auto blob = found[0][0].as<std::int64_t>();
        const auto next = blob == checked_.blob ? checked_ : postgres::PartId{.blob = blob};
        checked_ = {.blob = blob, .part = next.part + 1};
        static_cast<void>(postgres::read_checked(work, next));
        return 0;
    });
}

void SegmentUpkeep::mark(std::int64_t blob) {
    connection_.transact([&](pqxx::work& work) {
        work.exec_params(
            "INSERT INTO partition_marks (partition) "
            "SELECT DISTINCT partition FROM segments WHERE blob = $1 "
            "EXCEPT SELECT partition FROM partition_marks",
            blob);
    });
}

std::optional<std::string> SegmentUpkeep::index_event_ids() {
    const auto found = connection_.read([&](pqxx::transaction_base& work) {
        return work.exec_params(
            "SELECT nspname, relname, left(relname, 50) || '_event_id' "
            "FROM attached_partitions JOIN pg_class ON pg_class.oid = partition "
            "JOIN pg_namespace ON pg_namespace.oid = relnamespace "
            "WHERE source = $1 AND is_plain AND until <= now() AND NOT EXISTS ("
            "SELECT FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] "
            "WHERE indrelid = partition AND indisvalid AND attname = 'event_id') "
            "ORDER BY until DESC LIMIT 1",
            std::string{source_.name()});
    });
    if (found.empty()) return std::nullopt;
    const auto name = found[0][1].as<std::string>();
    connection_.unwatched([&](postgres::Session& session) {
        pqxx::nontransaction work{session};
        const auto schema = work.quote_name(found[0][0].as<std::string>());
        const auto index = work.quote_name(found[0][2].as<std::string>());
        // One that was not finished is there and of no use.
        work.exec("SET statement_timeout = 0");
        work.exec(fmt::format("DROP INDEX CONCURRENTLY IF EXISTS {}.{}", schema, index));
        work.exec(fmt::format("CREATE INDEX CONCURRENTLY {} ON {}.{} (event_id)", index, schema,
                              work.quote_name(name)));
        work.exec(fmt::format("SET statement_timeout = {}",
                              connection_.options().statement_timeout.count()));
    });
    return name;
}

std::string SegmentUpkeep::name_of(Oid partition) {
    return connection_.read([&](pqxx::transaction_base& work) {
        return work.exec_params1("SELECT $1::oid::regclass::text", partition)[0].as<std::string>();
    });
}

}  // namespace events::collector
