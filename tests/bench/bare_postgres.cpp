#include "bare_postgres.hpp"

#include "common/postgres/migrations.hpp"
#include "common/postgres/partition_map.hpp"
#include "common/sources/facebook.hpp"
#include "loader.hpp"

#include <fmt/format.h>

#include <libpq-fe.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace events::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

struct Finish {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
    void operator()(PGresult* result) const noexcept { PQclear(result); }
    void operator()(char* memory) const noexcept { PQfreemem(memory); }
};
using Session = std::unique_ptr<PGconn, Finish>;
using Result = std::unique_ptr<PGresult, Finish>;

Session connect(const std::string& url) {
    Session session{PQconnectdb(url.c_str())};
    if (PQstatus(session.get()) != CONNECTION_OK) {
        throw std::runtime_error{PQerrorMessage(session.get())};
    }
    return session;
}

Result checked(const Session& session, PGresult* raw, ExecStatusType expected) {
    Result result{raw};
    if (PQresultStatus(raw) != expected) throw std::runtime_error{PQerrorMessage(session.get())};
    return result;
}

Result select(const Session& session, const std::string& sql) {
    return checked(session, PQexec(session.get(), sql.c_str()), PGRES_TUPLES_OK);
}

void end_copy(const Session& session) {
    (void)checked(session, PQgetResult(session.get()), PGRES_COMMAND_OK);
    while (const Result rest{PQgetResult(session.get())}) {  // libpq wants them all taken
    }
}

std::string copy_out(const Session& session, const std::string& query, std::string_view format) {
    const auto sql = fmt::format("COPY ({}) TO STDOUT (FORMAT {})", query, format);
    (void)checked(session, PQexec(session.get(), sql.c_str()), PGRES_COPY_OUT);
    std::string data;
    char* line = nullptr;
    for (int bytes = 0; (bytes = PQgetCopyData(session.get(), &line, 0)) > 0;) {
        const std::unique_ptr<char, Finish> owned{line};
        data.append(line, static_cast<std::size_t>(bytes));
    }
    end_copy(session);
    return data;
}

void copy_in(const Session& session, const std::string& sql, const std::string& data) {
    (void)checked(session, PQexec(session.get(), sql.c_str()), PGRES_COPY_IN);
    if (PQputCopyData(session.get(), data.data(), static_cast<int>(data.size())) != 1 ||
        PQputCopyEnd(session.get(), nullptr) != 1) {
        throw std::runtime_error{PQerrorMessage(session.get())};
    }
    end_copy(session);
}

constexpr auto kPrepared = "insert_rows";

void insert(const Session& session, const EncodedRows::Batch& batch) {
    std::vector<const char*> values;
    for (const auto& array : batch.arrays) values.push_back(array.c_str());
    (void)checked(session,
                  PQexecPrepared(session.get(), kPrepared, static_cast<int>(values.size()),
                                 values.data(), nullptr, nullptr, 0),
                  PGRES_COMMAND_OK);
}

std::chrono::sys_days today() {
    return std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
}

/// Makes today's partition and returns its name.
std::string partition_of_today(const std::string& url) {
    postgres::Connection connection{{.url = config::Secret{url}, .application_name = "bench"}, {}};
    postgres::PartitionMap partitions{kFacebook};
    partitions.ensure(connection, std::array{today()});
    return partitions.find(today())->table;
}

void drop(test::PostgresCluster& cluster, const std::string& url) {
    test::query(cluster.url("postgres"), "DROP DATABASE " + url.substr(url.rfind('/') + 1));
}

}  // namespace

void migrate(const std::string& url) {
    postgres::Connection connection{{.url = config::Secret{url}, .application_name = "bench"}, {}};
    postgres::migrate(connection, postgres::embedded_migrations(),
                      {"bench", {.level = logging::Level::fatal}});
}

EncodedRows encode_rows(test::PostgresCluster& cluster, std::uint64_t rows) {
    const auto url = cluster.make_database();
    migrate(url);
    (void)load(url, {.first = 0, .count = 2 * rows, .of = 2 * rows, .begin = today(), .span = 1h});
    EncodedRows encoded;
    {
        const auto session = connect(url);
        const auto columns = select(session,
                                    "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
                                    "WHERE attrelid = 'facebook_events'::regclass AND attnum > 0 "
                                    "AND NOT attisdropped ORDER BY attnum");
        std::string aggregates;
        const int count = PQntuples(columns.get());
        for (int i = 0; i < count; ++i) {
            const auto* separator = i == 0 ? "" : ", ";
            const auto* name = PQgetvalue(columns.get(), i, 0);
            encoded.columns += fmt::format("{}{}", separator, name);
            encoded.arrays +=
                fmt::format("{}${}::{}[]", separator, i + 1, PQgetvalue(columns.get(), i, 1));
            aggregates += fmt::format("{}array_agg({} ORDER BY occurred_at, event_id)::text",
                                      separator, name);
        }
        const auto numbered = fmt::format(
            "CREATE TEMP TABLE numbered AS SELECT *, "
            "(row_number() OVER (ORDER BY occurred_at) - 1) / {} AS batch FROM facebook_events",
            EncodedRows::kBatch);
        (void)checked(session, PQexec(session.get(), numbered.c_str()), PGRES_COMMAND_OK);
        for (std::uint64_t batch = 0; batch < rows / EncodedRows::kBatch; ++batch) {
            const auto of_batch = fmt::format(" FROM numbered WHERE batch = {}", batch);
            const auto in_order =
                "SELECT " + encoded.columns + of_batch + " ORDER BY occurred_at, event_id";
            EncodedRows::Batch made{.copy_text = copy_out(session, in_order, "text"),
                                    .copy_binary = copy_out(session, in_order, "binary"),
                                    .arrays = {}};
            const auto arrays = select(session, "SELECT " + aggregates + of_batch);
            for (int i = 0; i < count; ++i) {
                made.arrays.emplace_back(PQgetvalue(arrays.get(), 0, i));
            }
            encoded.batches.push_back(std::move(made));
        }
    }
    drop(cluster, url);
    return encoded;
}

BareRun write_rows(test::PostgresCluster& cluster, const EncodedRows& rows, BareWrite how) {
    const auto url = cluster.make_database();
    migrate(url);
    const auto partition = partition_of_today(url);
    auto session = connect(url);
    // As a collector's session: no trigger notes or marks anything.
    (void)checked(session, PQexec(session.get(), "SET events.counted = 'on'"), PGRES_COMMAND_OK);
    const auto statement = fmt::format(
        "INSERT INTO facebook_events ({}) SELECT * FROM unnest({}) "
        "ON CONFLICT (occurred_at, event_id) DO NOTHING",
        rows.columns, rows.arrays);
    (void)checked(session, PQprepare(session.get(), kPrepared, statement.c_str(), 0, nullptr),
                  PGRES_COMMAND_OK);
    const auto copy = fmt::format("COPY {} ({}) FROM STDIN (FORMAT {})", partition, rows.columns,
                                  how == BareWrite::copy_binary ? "binary" : "text");

    const auto cpu_times = [&] {
        return CpuTimes{{"postgres", cpu_time_of_family(cluster.pid())},
                        {"client", cpu_time_of_this_process()}};
    };
    const auto cpu = cpu_times();
    const auto begin = Clock::now();
    for (const auto& batch : rows.batches) {
        switch (how) {
            case BareWrite::insert:
                insert(session, batch);
                break;
            case BareWrite::copy_text:
                copy_in(session, copy, batch.copy_text);
                break;
            case BareWrite::copy_binary:
                copy_in(session, copy, batch.copy_binary);
                break;
        }
    }
    const std::chrono::duration<double> took = Clock::now() - begin;
    const BareRun run{rows.batches.size() * EncodedRows::kBatch, took.count(),
                      spent(cpu, cpu_times())};
    const auto stored = test::query(url, "SELECT count(*) FROM facebook_events");
    if (stored != std::to_string(run.events)) throw std::runtime_error{stored + " rows stored"};
    session.reset();
    drop(cluster, url);
    return run;
}

}  // namespace events::bench
