#include "erase/start.hpp"

#include "common/health/registry.hpp"
#include "common/nats/error.hpp"
#include "common/service/command_line.hpp"
#include "common/service/standard_descriptors.hpp"
#include "dlq/interrupt.hpp"
#include "dlq/text.hpp"

#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>

namespace events::erase {
namespace {

constexpr std::chrono::seconds kConnectPatience{10};
/// The rows of a partition that is not built are read as a whole.
constexpr std::chrono::minutes kStatementTimeout{60};

struct Configuration {
    postgres::Options database;
    nats::ConnectionOptions broker;
};

Configuration read_configuration(config::EnvReader& read, std::string_view name) {
    Configuration configuration{.database = postgres::read_options(read, std::string{name}),
                                .broker = nats::read_connection_options(read, std::string{name})};
    configuration.database.statement_timeout = kStatementTimeout;
    return configuration;
}

std::vector<Person> persons_of(const CommandLine& line, dlq::Console& console) {
    auto ids = line.ids;
    if (line.id_file == "-") read_ids(console.in, ids);
    if (!line.id_file.empty() && line.id_file != "-") {
        std::ifstream file{line.id_file};
        if (!file) throw std::runtime_error{"the file of --ids can't be read"};
        read_ids(file, ids);
    }
    if (ids.empty() && line.action != Action::ledger) {
        throw std::runtime_error{"the file of --ids has no id"};
    }
    return {ids.begin(), ids.end()};
}

int connect_and_run(const CommandLine& line, const Configuration& configuration,
                    std::string_view name, const Run& run, dlq::Console& console) {
    const auto& interrupted = dlq::watch_interrupts();
    const auto persons = persons_of(line, console);
    const logging::Logger log{std::string{name}, {.level = logging::Level::fatal}};
    metrics::Registry metrics;
    health::Registry health{metrics};
    auto& indicator = health.add("nats");
    nats::Connection broker{configuration.broker, log, indicator};
    if (line.action != Action::ledger && !broker.wait_connected(kConnectPatience)) {
        throw nats::Error{"no connection to " + nats::shown_servers(configuration.broker),
                          indicator.reason()};
    }
    postgres::Connection database{configuration.database, {}};
    return run(line, {.database = database, .broker = broker, .interrupted = interrupted}, persons,
               console);
}

}  // namespace

int start(Program program, std::string_view name, std::string_view summary,
          std::span<const char* const> arguments, const Run& run) {
    service::open_standard_descriptors();
    auto console = dlq::Console::of_process();
    const auto complain = [&](std::string_view what) {
        console.err << fmt::format("{}: {}\n", name, dlq::printable(what));
    };
    const auto line = parse_command_line(program, arguments);
    if (!line) {
        complain(fmt::format("{}; {} --help tells more", line.error(), name));
        return kUsage;
    }
    if (line->action == Action::version) {
        console.out << service::version_text({name, summary}) << "\n";
        return kDone;
    }
    const auto environment = config::Environment::of_process();
    config::EnvReader read{environment};
    const auto configuration = read_configuration(read, name);
    if (line->action == Action::help) {
        console.out << help_text(program, read.variables());
        return kDone;
    }
    for (const auto& problem : read.problems()) complain(problem);
    if (!read.problems().empty()) return kConfig;
    for (const auto& warning : read.warnings()) complain("warning: " + warning);
    try {
        return connect_and_run(*line, configuration, name, run, console);
    } catch (const nats::Error& error) {
        complain(error.what());
        return kUnavailable;
    } catch (const postgres::Unavailable& error) {
        complain(error.what());
        return kUnavailable;
    } catch (const std::exception& error) {
        complain(error.what());
        return kIncomplete;
    }
}

}  // namespace events::erase
