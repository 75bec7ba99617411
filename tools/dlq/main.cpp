#include "common/health/registry.hpp"
#include "common/nats/error.hpp"
#include "common/nats/publisher.hpp"
#include "common/service/command_line.hpp"
#include "common/service/standard_descriptors.hpp"
#include "dlq/commands.hpp"
#include "dlq/interrupt.hpp"
#include "dlq/replay.hpp"

#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <span>

namespace {

using namespace events;
using dlq::Action;

constexpr service::Description kDescription{"events-dlq", "dead letters"};
constexpr std::chrono::seconds kConnectPatience{10};

dlq::ExitCode run(const dlq::CommandLine& line, const nats::ConnectionOptions& options,
                  const retention::RetentionDays& retained, dlq::Console& console) {
    const auto& interrupted = dlq::watch_interrupts();
    // What the daemons log is of no interest here: what matters is an error of a command.
    const logging::Logger log{"events-dlq", {.level = logging::Level::fatal}};
    metrics::Registry metrics;
    health::Registry health{metrics};
    auto& indicator = health.add("nats");
    nats::Connection broker{options, log, indicator};
    if (!broker.wait_connected(kConnectPatience)) {
        throw nats::Error{"no connection to " + nats::shown_servers(options), indicator.reason()};
    }
    dlq::Letters letters{broker, interrupted};
    switch (line.action) {
        case Action::list:
            return dlq::list(letters, line, console);
        case Action::summary:
            return dlq::summarise(letters, line, console);
        case Action::show:
            return dlq::show(letters, line, console);
        case Action::export_letters:
            return dlq::export_letters(letters, line, console);
        case Action::purge:
            return dlq::purge(letters, line, console);
        case Action::replay: {
            nats::Publisher publisher{broker, {}, log, metrics};
            return dlq::replay(letters, publisher, line, retained, console);
        }
        case Action::help:
        case Action::version:
            break;  // done by main
    }
    return dlq::kUsage;
}

}  // namespace

int main(int argc, char** argv) {
    service::open_standard_descriptors();
    auto console = dlq::Console::of_process();
    const auto now =
        std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    const std::span<const char* const> arguments{argv, static_cast<std::size_t>(argc)};
    const auto line = dlq::parse_command_line(arguments.subspan(argc > 0 ? 1 : 0), now);
    if (!line) {
        console.error(line.error() + "; events-dlq --help tells more");
        return dlq::kUsage;
    }
    if (line->action == Action::version) {
        console.out << service::version_text(kDescription) << "\n";
        return dlq::kDone;
    }
    const auto environment = config::Environment::of_process();
    config::EnvReader read{environment};
    const auto options = nats::read_connection_options(read, "events-dlq");
    const auto retained = retention::read_days(read);
    if (line->action == Action::help) {
        console.out << dlq::help_text(read.variables());
        return dlq::kDone;
    }
    for (const auto& problem : read.problems()) {
        console.error(problem);
    }
    if (!read.problems().empty()) return dlq::kConfig;
    for (const auto& warning : read.warnings()) {
        console.err << fmt::format("events-dlq: warning: {}\n", warning);
    }
    try {
        return run(*line, options, retained, console);
    } catch (const nats::Error& error) {
        console.error(error.what());
        return dlq::kUnavailable;
    } catch (const std::exception& error) {
        console.error(error.what());
        return dlq::kIncomplete;
    }
}
