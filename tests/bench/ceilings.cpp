#include "ceilings.hpp"

#include "bare_jetstream.hpp"
#include "bare_postgres.hpp"
#include "echo_server.hpp"
#include "json_parsing.hpp"
#include "load_client.hpp"
#include "suite.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace events::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto kSection = "ceilings";
constexpr auto kRate = "events/s";
constexpr std::uint64_t kRows = 50'000;

void add(Case& measured, const BareRun& run) {
    measured.add(kRate, static_cast<double>(run.events) / run.seconds);
    measured.add_cpu(run.cpu, run.events);
}

void add(Case& measured, const Parsing& parsing) {
    measured.add(kRate, 1e6 / microseconds_per_event(parsing));
    measured.add_cpu({{"client", parsing.cpu}}, parsing.events);
}

}  // namespace

template <typename Measure>
double Ceilings::once(const std::string& name, Measure&& measure) {
    if (const auto found = found_.find(name); found != found_.end()) return found->second;
    Case measured{kSection, name};
    for (int run = 0; run < runs_; ++run) measure(measured);
    const auto rate = measured.median(kRate);
    results_.add(std::move(measured));
    return found_.emplace(name, rate).first->second;
}

double Ceilings::publish(std::size_t events_per_message) {
    measure_jetstream(events_per_message);
    return found_.at(fmt::format("JetStream publish, {} a message", events_per_message));
}

double Ceilings::pull(std::size_t events_per_message) {
    measure_jetstream(events_per_message);
    return found_.at(fmt::format("JetStream pull, {} a message", events_per_message));
}

void Ceilings::measure_jetstream(std::size_t events_per_message) {
    const auto publish_name = fmt::format("JetStream publish, {} a message", events_per_message);
    const auto pull_name = fmt::format("JetStream pull, {} a message", events_per_message);
    if (found_.contains(publish_name)) return;
    const std::uint64_t messages = std::min<std::uint64_t>(400'000 / events_per_message, 50'000);
    Case publish{kSection, publish_name};
    Case pull{kSection, pull_name};
    for (int run = 0; run < runs_; ++run) {
        const test::NatsServer server{shipped_nats_options()};
        BareJetStream stream{server, events_per_message};
        bench::add(publish, stream.publish(messages));
        bench::add(pull, stream.pull(messages));
    }
    for (auto* measured : {&publish, &pull}) {
        found_.emplace(measured->name(), measured->median(kRate));
        results_.add(std::move(*measured));
    }
}

double Ceilings::insert() {
    measure_database();
    return found_.at("PostgreSQL insert, repeatable");
}

double Ceilings::copy(const std::string& format) {
    measure_database();
    return found_.at("PostgreSQL COPY " + format);
}

void Ceilings::measure_database() {
    const std::map<std::string, BareWrite> ways{
        {"PostgreSQL insert, repeatable", BareWrite::insert},
        {"PostgreSQL COPY text", BareWrite::copy_text},
        {"PostgreSQL COPY binary", BareWrite::copy_binary}};
    if (found_.contains(ways.begin()->first)) return;
    const auto rows = encode_rows(cluster_, kRows);
    for (const auto& [name, how] : ways) {
        once(name, [&, how = how](Case& measured) {
            bench::add(measured, write_rows(cluster_, rows, how));
        });
    }
}

double Ceilings::http(std::size_t events_per_post, std::size_t connections) {
    const auto name =
        fmt::format("Beast echo, {} a POST, {} connections", events_per_post, connections);
    return once(name, [&](Case& measured) {
        EchoServer server;
        const auto cpu = server.cpu_time();
        const auto figures = post_events({.port = server.port(),
                                          .events_per_post = events_per_post,
                                          .connections = connections,
                                          .duration = std::chrono::milliseconds{400}});
        const auto took = server.cpu_time() - cpu;
        add_load(measured, figures);
        measured.add_cpu({{"server", took}}, figures.events);
    });
}

double Ceilings::json() {
    return once("simdjson DOM, one thread",
                [](Case& measured) { bench::add(measured, time_simdjson(500ms)); });
}

double Ceilings::our_parser() {
    return once("our parser, one thread",
                [](Case& measured) { bench::add(measured, time_our_parser(500ms)); });
}

}  // namespace events::bench
