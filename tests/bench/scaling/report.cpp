#include "report.hpp"

#include "capacity.hpp"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <string_view>

namespace events::bench::scaling {
namespace {

constexpr std::array kRates{1e5, 1e6, 1e7};
constexpr double kEventsPerRequest = 25'500;  // the reference publisher's mean

constexpr double kMega = 1e6;
constexpr double kTera = 1e12;

std::string row(std::string_view name, const std::vector<std::string>& cells) {
    auto line = fmt::format("| {} |", name);
    for (const auto& cell : cells) line += fmt::format(" {} |", cell);
    return line + '\n';
}

std::string number(double value) {
    return value >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
}

std::string part(const Part& part) {
    return fmt::format("{} ({}, {:.0f} %)", part.count, part.bottleneck, part.utilisation * 100);
}

std::string plans_table(const std::vector<Plan>& plans, const Choices& choices) {
    std::string table = "| events/s | 100 k | 1 M | 10 M |\n|---|---|---|---|\n";
    const auto add = [&](std::string_view name, const std::function<std::string(const Plan&)>& of) {
        std::vector<std::string> cells;
        cells.reserve(plans.size());
        for (const auto& plan : plans) cells.push_back(of(plan));
        table += row(name, cells);
    };
    const auto add_figure = [&](std::string_view name, double unit, auto of) {
        add(name, [&](const Plan& plan) { return number(of(plan) / unit); });
    };
    add(fmt::format("gateways of {} cores", choices.gateway_cores),
        [](const Plan& plan) { return part(plan.gateways); });
    add(fmt::format("nats-servers of {} cores, {} replicas", choices.broker_cores,
                    choices.stream_replicas),
        [](const Plan& plan) { return part(plan.brokers); });
    add("partitions of each source's stream",
        [](const Plan& plan) { return part(plan.partitions); });
    add("collectors, of both sources", [](const Plan& plan) { return part(plan.collectors); });
    add(fmt::format("databases of {} cores and {} TB", choices.database_cores,
                    choices.database_storage / kTera),
        [](const Plan& plan) { return part(plan.databases); });
    add(fmt::format("database servers, {} copies", choices.database_copies),
        [&](const Plan& plan) { return number(plan.databases.count * choices.database_copies); });
    add_figure("cores that their primaries keep busy, together", 1,
               [](const Plan& p) { return p.busy_database_cores; });
    add_figure("events in a message", 1, [](const Plan& p) { return p.events_per_message; });
    add_figure("requests, MB/s", kMega, [](const Plan& p) { return p.traffic.requests; });
    add_figure("into streams, MB/s", kMega, [](const Plan& p) { return p.traffic.published; });
    add_figure("between nats-servers, MB/s", kMega,
               [](const Plan& p) { return p.traffic.replicated; });
    add_figure("to collectors, MB/s", kMega, [](const Plan& p) { return p.traffic.delivered; });
    add_figure("WAL, MB/s", kMega, [](const Plan& p) { return p.traffic.wal; });
    add_figure("rows, TB/day", kTera, [](const Plan& p) { return p.growth.rows; });
    add_figure("segments, TB/day", kTera, [](const Plan& p) { return p.growth.segments; });
    add_figure("WAL, TB/day", kTera, [](const Plan& p) { return p.growth.wal; });
    add_figure(fmt::format("{} days of rows and segments, all copies, TB", choices.retention_days),
               kTera, [](const Plan& p) { return p.retained_bytes; });
    add_figure(fmt::format("{} days of segments, a reporter's cache, TB", choices.retention_days),
               kTera, [](const Plan& p) { return p.cached_bytes; });
    return table;
}

}  // namespace

std::string capacity_table(const Measurements& measured) {
    std::vector<Plan> plans;
    plans.reserve(kRates.size());
    for (const auto rate : kRates) {
        plans.push_back(plan(measured.costs, measured.choices,
                             {.events_per_second = rate, .events_per_request = kEventsPerRequest}));
    }
    return plans_table(plans, measured.choices);
}

}  // namespace events::bench::scaling
