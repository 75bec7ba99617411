#include "common/service/collector_daemon.hpp"

#include "common/clock/comparison.hpp"
#include "common/collector/backlog_monitor.hpp"
#include "common/collector/collector.hpp"
#include "common/collector/event_table.hpp"
#include "common/collector/segment_keeper.hpp"
#include "common/collector/source_check.hpp"
#include "common/http/operations.hpp"
#include "common/nats/broker_clock.hpp"
#include "common/nats/error.hpp"
#include "common/nats/jetstream.hpp"
#include "common/nats/provisioner.hpp"
#include "common/nats/publisher.hpp"
#include "common/nats/pull_consumer.hpp"
#include "common/nats/streams.hpp"
#include "common/postgres/durability.hpp"
#include "common/postgres/migrations.hpp"
#include "common/postgres/server_clock.hpp"
#include "common/postgres/standby.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <utility>

namespace events::service {

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;
/// Beyond the longest statement: for its answer, which the server is late with.
constexpr auto kAnswerSlack = 10s;
/// Of an allocation that is given back to the system when it is freed.
constexpr int kLargeAllocation = 256 * 1024;

postgres::Options read_database(config::EnvReader& read, const std::string& name) {
    auto options = postgres::read_options(read, name);
    options.answer_timeout = options.statement_timeout + kAnswerSlack;
    return options;
}

/// What an unfit stream holds is collected like any other's, so that it is empty when an operator
/// mends it; nothing new comes into it, and the collector is unready.
void ensure_where_fit(nats::Streams& streams) {
    try {
        streams.ensure();
    } catch (const nats::UnfitStream&) {  // told already
    }
}

}  // namespace

CollectorConfig read_collector_config(config::EnvReader& read, Source source,
                                      std::uint16_t default_port) {
    const std::string name{source.durable()};
    return {
        .daemon = read_daemon_config(read),
        .http = http::read_server_options(read, default_port),
        .nats = nats::read_connection_options(read, name),
        .topology = nats::read_topology_options(read),
        .postgres = read_database(read, name),
        .batch_size = static_cast<std::size_t>(read.integer(
            "BATCH_SIZE", 1000, {1, 10'000},
            "events that are read from the stream at one time; up to four times as many while more "
            "wait there")),
        .batch_wait = read.milliseconds("BATCH_WAIT_MS", 20ms, {0ms, 60s},
                                        "how long a batch waits for company"),
        .buffers = {.total =
                        read.bytes("MAX_BUFFERED_BYTES", 64 * kMiB, {4 * kMiB, 64 * 1024 * kMiB},
                                   "messages and events in memory: fetched ahead, in hand "
                                   "and decoded")},
        .segments = {.event_id_index = read.boolean(
                         "EVENT_ID_INDEX", false, "an index on event_id in each day that is over")},
        .retention = {.days = retention::read_days_of(read, source),
                      .disk_bytes = read.bytes(
                          "DATABASE_DISK_BYTES", 0, {0, std::uint64_t{1} << 60},
                          "what the database's volume has for it, for the alert that tells when it "
                          "will be full; 0: nobody is told")},
    };
}

int serve_collector(const CollectorConfig& config, Source source, const logging::Logger& log,
                    Shutdown& shutdown) {
    // A merge takes buffers of megabytes. glibc would raise this bound to the size of the first one
    // that is freed, and keep all that is smaller from then on.
    ::mallopt(M_MMAP_THRESHOLD, kLargeAllocation);

    // Declared in start order, destroyed in the reverse order.
    metrics::Registry metrics{{{"source", std::string{source.name()}}}};
    health::Registry health{metrics};
    auto& database = health.add("postgres");
    auto& pulled = health.add("consumer");
    auto& nats_health = health.add("nats");
    nats::Connection broker{config.nats, log, nats_health};
    nats::JetStream jetstream{broker, log};
    clock::Comparison broker_time{"nats", log, metrics};
    nats::BrokerClock broker_clock{broker, nats::kDeadLetterStream, broker_time, log};
    clock::Comparison database_time{"postgres", log, metrics};
    auto database_options = config.postgres;
    database_options.server_clock = &database_time;
    const postgres::ServerClock database_clock{database_options, log};

    http::Router router;
    http::add_operations_routes(router, health, metrics);
    http::Server server{config.http, std::move(router), log, metrics};

    const auto consumer = nats::event_consumer(source, config.topology);
    nats::Streams streams{
        broker,
        jetstream,
        {nats::event_stream(source, config.topology), nats::dead_letter_stream(config.topology)},
        nats_health,
        log,
        metrics};
    nats::Provisioner provisioner{broker, [&] { streams.ensure(); }, log};
    nats::Publisher publisher{broker, {.streams = &streams}, log, metrics};
    nats::PullConsumer pull{broker,
                            {.stream = consumer.stream,
                             .durable = consumer.durable,
                             .max_bytes = config.buffers.fetched(),
                             .indicator = &pulled},
                            [&] {
                                ensure_where_fit(streams);
                                jetstream.ensure_consumer(consumer);
                                broker_clock.compare();  // before the first delay is measured
                            },
                            log};
    const collector::BacklogMonitor backlog{broker, consumer, 2s, log, metrics};
    collector::Retention retention{source, config.retention, &database_time, log, metrics};
    auto keeping = config.segments;
    keeping.retention = &retention;
    collector::SegmentKeeper segments{source, database_options, log, metrics, keeping};
    collector::EventTable store{config.postgres, source};
    collector::Probe probe{source, log, metrics};
    std::atomic<bool> failed{false};
    collector::Collector collector{
        {.source = source,
         .buffers = config.buffers,
         .batch_size = config.batch_size,
         .batch_wait = config.batch_wait,
         .ack_wait = config.topology.ack_wait,
         .max_parked = static_cast<std::size_t>(config.topology.max_ack_pending / 2),
         .look_why_slow = [&] { return postgres::awaited_standby(database_options); },
         .make_dead_letters = [&] { provisioner.request(); },
         .first_kept = [&] { return retention.first_kept(); },
         .broker_clock = &broker_time},
        pull,
        publisher,
        store,
        database,
        probe,
        [&](const std::stop_token& stop) {
            postgres::Connection connection{database_options, {}};
            postgres::migrate(
                connection, postgres::embedded_migrations(), log,
                {.stop = stop, .state = [&](std::string_view state) { database.down(state); }});
            collector::check_source(source, connection);
            postgres::warn_of_lost_commits(connection, log);
            segments.start();
        },
        [&](std::string_view why) {
            log.fatal("the collector can not go on", {{"err", why}});
            failed = true;
            shutdown.request();
        }};
    health.started();

    shutdown.wait();
    health.draining();
    collector.stop();
    segments.stop();
    if (!server.drain(shutdown.deadline())) shutdown.give_up();
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

}  // namespace events::service
