#include "report.hpp"

#include "capacity.hpp"
#include "simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <string_view>

namespace events::bench::scaling {
namespace {

constexpr std::array kRates{1e5, 1e6, 1e7};
constexpr double kEventsPerRequest = (kLeastBurst + kGreatestBurst) / 2.0;
constexpr double kMachineCores = 2;
constexpr double kLoadSeconds = 60;
constexpr double kProfiledSeconds = 1'800;
constexpr double kManySessions = 1'000;  // never the bottleneck

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
    add_figure("profiles, TB/day", kTera, [](const Plan& p) { return p.growth.profiles; });
    add_figure("WAL, TB/day", kTera, [](const Plan& p) { return p.growth.wal; });
    add_figure(fmt::format("{} days of rows and profiles, all copies, TB", choices.retention_days),
               kTera, [](const Plan& p) { return p.retained_bytes; });
    return table;
}

std::string plans_for(const Costs& costs, const Choices& choices, double new_users) {
    std::vector<Plan> plans;
    plans.reserve(kRates.size());
    for (const auto rate : kRates) {
        plans.push_back(plan(costs, choices,
                             {.events_per_second = rate,
                              .events_per_request = kEventsPerRequest,
                              .new_users = new_users}));
    }
    return plans_table(plans, choices);
}

/// The longest time without an empty backlog, seconds.
double longest_backlog(const Outcome& outcome) {
    double longest = 0;
    double began = 0;
    for (const auto& [seconds, backlog] : outcome.backlog_over_time) {
        if (backlog.events == 0) began = seconds;
        longest = std::max(longest, seconds - began);
    }
    return longest;
}

std::string shares(const Outcome& outcome) {
    const auto all = std::reduce(outcome.cpu_seconds.begin(), outcome.cpu_seconds.end());
    const auto share = [&](Process process) { return outcome.cpu_of(process) / all * 100; };
    return fmt::format(
        "sender {:.0f} %, gateway {:.0f} %, nats-server {:.0f} %, collectors {:.0f} %, "
        "PostgreSQL {:.0f} %",
        share(Process::sender), share(Process::gateway), share(Process::broker),
        share(Process::collector), share(Process::database));
}

}  // namespace

std::string capacity_table(const Measurements& measured) {
    auto several = measured.choices;
    several.profile_sessions = kManySessions;
    return fmt::format(
        "As built: one session makes the profiles of a source in a database; every user is new.\n\n"
        "{}\nIf as many sessions as needed made profiles (not built); every user is new.\n\n{}",
        plans_for(measured.costs, measured.choices, 1), plans_for(measured.costs, several, 1));
}

std::string machine_table(const Measurements& measured) {
    const auto setup = setup_of(measured, kMachineCores);
    auto one_machine = measured.choices;
    one_machine.stream_replicas = 1;
    const Load load{.events_per_second = 1, .events_per_request = kEventsPerRequest};
    const auto storing =
        measured.costs.cpu.sender + cost_of_event(measured.costs, one_machine, load, false);
    const auto new_user = profile_cost(measured.costs.cpu, 1);
    const auto known_user = profile_cost(measured.costs.cpu, 0);
    const auto average = [&](double profile) {
        return fmt::format("{:.0f}", kMachineCores * 1e6 / (storing + profile));
    };

    const auto seen =
        simulate(setup, bursts(1, kLeastBurst, kGreatestBurst, kLoadSeconds), kLoadSeconds);
    const auto long_run =
        simulate(setup, bursts(1, kLeastBurst, kGreatestBurst, kProfiledSeconds), kProfiledSeconds);

    std::string table = "| | |\n|---|---|\n";
    const auto add = [&](std::string_view name, std::string value) {
        table += row(name, {std::move(value)});
    };
    add("cores, of the sender, too", number(kMachineCores));
    add("CPU of an event until it is stored and folded, us", number(storing));
    add("CPU of its user's profile, new and known, us",
        number(new_user) + " and " + number(known_user));
    add("highest rate, profiles put off, events/s",
        fmt::format("{:.0f}", highest_rate(setup, kLeastBurst, 20)));
    add("highest average with profiles, new and known users, events/s",
        average(new_user) + " and " + average(known_user));
    add(fmt::format("reference load, {} s: greatest backlog, messages", kLoadSeconds),
        number(static_cast<double>(seen.peak.messages)));
    add("the same: longest time until none is left, s", number(longest_backlog(seen)));
    add("the same: CPU", shares(seen));
    add(fmt::format("reference load, {} s: mean rate, events/s", kProfiledSeconds),
        fmt::format("{:.0f}", static_cast<double>(long_run.sent) / kProfiledSeconds));
    add("the same: events without profiles at the end",
        number(static_cast<double>(long_run.unprofiled)));
    add("the same: greatest backlog, messages",
        number(static_cast<double>(long_run.peak.messages)));
    add("the same: CPU", shares(long_run));
    return table;
}

std::string check_table(const std::vector<Check>& checks) {
    std::string table =
        "| | unit | measured | simulated | difference | |\n|---|---|---|---|---|---|\n";
    for (const auto& check : checks) {
        table += row(check.name, {check.unit, number(check.measured), number(check.simulated),
                                  fmt::format("{:+.0f} %", check.difference() * 100),
                                  agrees(check) ? "agrees" : "DIFFERS"});
    }
    return table;
}

}  // namespace events::bench::scaling
