#include "common/clock/comparison.hpp"
#include "common/health/registry.hpp"
#include "common/http/operations.hpp"
#include "common/http/server.hpp"
#include "common/nats/broker_clock.hpp"
#include "common/nats/jetstream.hpp"
#include "common/nats/provisioner.hpp"
#include "common/nats/publisher.hpp"
#include "common/nats/streams.hpp"
#include "common/nats/topology.hpp"
#include "common/service/daemon.hpp"
#include "gateway/acceptance_monitor.hpp"
#include "gateway/access.hpp"
#include "gateway/api_description.hpp"
#include "gateway/config.hpp"
#include "gateway/ingest.hpp"
#include "gateway/spool_adopter.hpp"
#include "gateway/stream_monitor.hpp"

#include <chrono>
#include <cstdlib>
#include <span>
#include <thread>

namespace {

using namespace events;
using namespace std::chrono_literals;

int serve(const gateway::Config& config, const logging::Logger& log, service::Shutdown& shutdown) {
    // Declared in start order, destroyed in the reverse order.
    metrics::Registry metrics;
    health::Registry health{metrics};
    if (config.ready_while_spooling) health.started();
    auto& nats_health = health.add("nats", !config.ready_while_spooling);
    nats::Connection broker{config.nats, log, nats_health};
    nats::JetStream jetstream{broker, log};
    nats::Streams streams{broker,      jetstream, nats::all_streams(config.topology),
                          nats_health, log,       metrics};
    clock::Comparison broker_time{"nats", log, metrics};
    nats::BrokerClock broker_clock{broker, nats::kDeadLetterStream, broker_time, log};
    nats::Provisioner provisioner{broker,
                                  [&] {
                                      streams.ensure();
                                      broker_clock.compare();  // before it judges an event
                                      health.started();        // there is a place for events now
                                  },
                                  log};
    nats::Publisher publisher{
        broker, {.ack_timeout = config.ack_timeout, .streams = &streams}, log, metrics};
    gateway::Spool spool{config.spool, log, metrics};
    gateway::SpoolAdopter adopter{spool, config.spool_adoption_interval, log};
    gateway::InFlight in_flight{config.in_flight, metrics};
    gateway::Probe probe{log, metrics};
    gateway::Drainer drainer{spool, broker, publisher, probe, [&] { provisioner.request(); }, log};
    gateway::Ingest ingest{{.max_body_bytes = config.max_body_bytes,
                            .events_per_message = config.events_per_message,
                            .compress = config.compress,
                            .worker_threads = config.worker_threads,
                            .retention = config.retention,
                            .broker_clock = &broker_time},
                           publisher,
                           spool,
                           drainer,
                           health,
                           in_flight,
                           probe,
                           [&] { provisioner.request(); }};

    const gateway::AcceptanceMonitor acceptance{spool, drainer, health, 500ms};
    gateway::StreamMonitor monitor{broker, 2s, log, metrics};
    gateway::Access access{config.access, metrics, log};

    http::Router router;
    http::add_operations_routes(router, health, metrics);
    access.add_routes(
        router, {.method = http::Method::post,
                 .path = "/events",
                 .handler = [&](http::Request& request) { return ingest.handle(request); },
                 .body_limit = config.max_body_bytes,
                 .admission = [&](const http::RequestHead& head) { return ingest.admit(head); }});
    gateway::add_description_routes(router);
    http::Server server{config.http, std::move(router), log, metrics};

    shutdown.wait();
    health.leaving();
    monitor.stop();
    std::this_thread::sleep_for(shutdown.delay());
    health.draining();
    if (!server.drain(shutdown.deadline())) shutdown.give_up();
    return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
    return service::run_daemon<gateway::Config>(
        {.name = "gateway", .summary = "takes POST /events and puts each event into JetStream"},
        std::span<const char* const>{argv, static_cast<std::size_t>(argc)}.subspan(1),
        gateway::read_config, serve);
}
