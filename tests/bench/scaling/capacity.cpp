#include "capacity.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace events::bench::scaling {
namespace {

constexpr double kSources = 2;
constexpr double kMicroseconds = 1e6;  // a core has so many in a second
constexpr double kSecondsPerDay = 86'400;

void check(const Choices& choices, const Load& load) {
    if (!(load.events_per_second > 0) || !(load.events_per_request >= 1)) {
        throw std::invalid_argument{"a load without events"};
    }
    if (!(choices.utilisation > 0 && choices.utilisation <= 1)) {
        throw std::invalid_argument{"the utilisation is a share"};
    }
    if (!(choices.events_per_message >= 1) || !(choices.batch_size >= 1) ||
        !(choices.stream_replicas >= 1) || !(choices.database_copies >= 1)) {
        throw std::invalid_argument{"messages, batches and copies are at least 1"};
    }
}

/// A request's events of one source and partition fill some messages and leave a rest.
double events_per_message(const Choices& choices, const Load& load, double partitions) {
    const auto events = load.events_per_request / (kSources * partitions);
    if (events <= 1) return 1;
    return events / std::ceil(events / choices.events_per_message);
}

double gateway_cost(const CpuCosts& cpu, const Load& load, double per_message) {
    return cpu.gateway + cpu.gateway_message / per_message +
           cpu.gateway_request / load.events_per_request;
}

double broker_cost(const CpuCosts& cpu, double replicas, double per_message) {
    // A follower stores what the leader stores.
    return replicas * (cpu.publish + cpu.publish_message / per_message) + cpu.deliver +
           cpu.deliver_message / per_message;
}

double collector_cost(const CpuCosts& cpu, const Choices& choices, double per_message) {
    return cpu.collector + cpu.collector_message / per_message +
           cpu.collector_batch / choices.batch_size;
}

double storing_cost(const CpuCosts& cpu, const Choices& choices) {
    return cpu.store + cpu.store_batch / choices.batch_size;
}

double cores(double events_per_second, double microseconds) {
    return events_per_second * microseconds / kMicroseconds;
}

Growth growth_of(const ByteCosts& bytes, const Load& load) {
    const auto per_day = load.events_per_second * kSecondsPerDay;
    return {.rows = per_day * (bytes.row + bytes.row_indexes),
            .segments = per_day * bytes.segment,
            .wal = per_day * bytes.wal};
}

double busy_database_cores(const CpuCosts& cpu, const Choices& choices, const Load& load) {
    return cores(load.events_per_second, storing_cost(cpu, choices));
}

Part size_databases(const Costs& costs, const Choices& choices, const Load& load,
                    const Growth& growth) {
    return size(
        {
            {"cores", busy_database_cores(costs.cpu, choices, load), choices.database_cores},
            // A checkpoint writes each byte of rows and segments once, at best.
            {"disk writes", (growth.wal + growth.rows + growth.segments) / kSecondsPerDay,
             choices.disk_bytes},
            {"storage", (growth.rows + growth.segments) * choices.retention_days,
             choices.database_storage},
        },
        choices.utilisation);
}

/// More partitions make smaller messages, so their number is looked for and not computed.
Part size_partitions(const Costs& costs, const Choices& choices, const Load& load, int least) {
    const auto rate = load.events_per_second / kSources;
    for (int count = least;; ++count) {
        auto part = size(
            {
                {"messages of a leader", rate / events_per_message(choices, load, count),
                 costs.ceilings.leader_messages},
                {"bytes of a leader", rate * costs.bytes.message, costs.ceilings.leader_bytes},
            },
            choices.utilisation, count);
        if (part.count > count) continue;
        if (count == least && least > 1) part.bottleneck = "databases";
        return part;
    }
}

Part size_collectors(const Costs& costs, const Choices& choices, const Load& load, int partitions,
                     double per_message) {
    const auto rate = load.events_per_second / kSources / partitions;
    const auto writing =
        storing_cost(costs.cpu, choices) + costs.ceilings.commit_ms * 1'000 / choices.batch_size;
    auto part = size(
        {{"its connection", cores(rate, writing), 1},
         {"its reading thread", cores(rate, collector_cost(costs.cpu, choices, per_message)), 1}},
        choices.utilisation);
    part.count *= partitions * static_cast<int>(kSources);
    return part;
}

}  // namespace

Part size(const std::vector<Resource>& resources, double utilisation, int least) {
    if (!(utilisation > 0)) throw std::invalid_argument{"the utilisation is not positive"};
    Part part{.count = least, .bottleneck = {}, .utilisation = 0};
    double scarcest = -1;
    for (const auto& [name, demand, ceiling] : resources) {
        if (!(ceiling > 0)) throw std::invalid_argument{"no ceiling: " + name};
        const auto wanted = demand / ceiling;
        part.count = std::max(part.count, static_cast<int>(std::ceil(wanted / utilisation)));
        if (wanted > scarcest) {
            scarcest = wanted;
            part.bottleneck = name;
        }
    }
    part.utilisation = std::max(0.0, scarcest) / part.count;
    return part;
}

double cost_of_event(const Costs& costs, const Choices& choices, const Load& load) {
    check(choices, load);
    const auto per_message = events_per_message(choices, load, 1);
    return gateway_cost(costs.cpu, load, per_message) +
           broker_cost(costs.cpu, choices.stream_replicas, per_message) +
           collector_cost(costs.cpu, choices, per_message) + storing_cost(costs.cpu, choices);
}

Plan plan(const Costs& costs, const Choices& choices, const Load& load) {
    check(choices, load);
    const auto rate = load.events_per_second;
    const auto target = choices.utilisation;
    const auto& bytes = costs.bytes;

    Plan plan;
    plan.growth = growth_of(bytes, load);
    plan.databases = size_databases(costs, choices, load, plan.growth);
    plan.busy_database_cores = busy_database_cores(costs.cpu, choices, load);
    plan.partitions = size_partitions(costs, choices, load, plan.databases.count);
    const auto per_message = events_per_message(choices, load, plan.partitions.count);
    plan.events_per_message = per_message;
    plan.collectors = size_collectors(costs, choices, load, plan.partitions.count, per_message);

    plan.traffic = {
        .requests = rate * bytes.http,
        .published = rate * bytes.message,
        .replicated = rate * bytes.message * (choices.stream_replicas - 1),
        .delivered = rate * bytes.message,
        .wal = plan.growth.wal / kSecondsPerDay,
    };
    plan.gateways = size(
        {{"cores", cores(rate, gateway_cost(costs.cpu, load, per_message)), choices.gateway_cores},
         {"network", plan.traffic.requests, choices.network_bytes}},
        target);
    plan.brokers =
        size({{"cores", cores(rate, broker_cost(costs.cpu, choices.stream_replicas, per_message)),
               choices.broker_cores},
              {"network", plan.traffic.delivered + plan.traffic.replicated, choices.network_bytes},
              {"disk", plan.traffic.published + plan.traffic.replicated, choices.disk_bytes}},
             target, static_cast<int>(choices.stream_replicas));

    plan.cached_bytes = plan.growth.segments * choices.retention_days;
    plan.retained_bytes = (plan.growth.rows + plan.growth.segments) * choices.retention_days *
                          choices.database_copies;
    return plan;
}

}  // namespace events::bench::scaling
