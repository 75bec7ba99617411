#pragma once

#include "common/config/env_reader.hpp"
#include "common/logging/logger.hpp"
#include "common/service/command_line.hpp"
#include "common/service/health_check.hpp"
#include "common/service/migrate_command.hpp"
#include "common/service/shutdown.hpp"
#include "common/service/standard_descriptors.hpp"

#include <spdlog/spdlog.h>

#include <concepts>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <span>
#include <string>

namespace events::service {

/// sysexits' EX_CONFIG: the configuration is wrong, restarting does not help.
inline constexpr int kExitConfig = 78;

/// What each daemon's configuration holds beside its own.
struct DaemonConfig {
    logging::Options log;
    ShutdownOptions shutdown;
};

[[nodiscard]] inline DaemonConfig read_daemon_config(config::EnvReader& read) {
    return {.log = logging::read_options(read), .shutdown = read_shutdown_options(read)};
}

/// Of a daemon that a load balancer may stand in front of.
[[nodiscard]] inline DaemonConfig read_front_daemon_config(config::EnvReader& read) {
    auto config = read_daemon_config(read);
    config.shutdown.delay = read_shutdown_delay(read);
    return config;
}

/// The frame of each daemon's main: the command line, the configuration with all its problems at
/// once (a health check does not mind them: it asks a daemon that runs), then `serve(config, log,
/// shutdown)`, which builds the daemon, waits on `shutdown` and returns the exit code.
///
/// `Config` has the members `daemon` (DaemonConfig) and `http` (http::ServerOptions), and
/// `postgres` (postgres::Options) where the daemon has a database; `read_config` makes one from an
/// EnvReader.
template <typename Config, std::invocable<config::EnvReader&> ReadConfig,
          std::invocable<const Config&, const logging::Logger&, Shutdown&> Serve>
int run_daemon(Description description, std::span<const char* const> arguments,
               const ReadConfig& read_config, const Serve& serve) {
    open_standard_descriptors();
    description.has_database = kHasDatabase<Config>;
    auto command = parse_command_line(arguments);
    if (command.action == Action::migrate && !description.has_database) {
        command.action = Action::refuse;
    }
    if (command.action == Action::refuse) {
        std::cerr << description.name << ": unknown argument " << config::shown(command.unknown)
                  << "\n";
        return 64;  // EX_USAGE
    }
    if (command.action == Action::version) {
        std::cout << version_text(description) << "\n";
        return EXIT_SUCCESS;
    }
    const auto environment = config::Environment::of_process();
    config::EnvReader read{environment};
    const Config config = read_config(read);
    if (command.action == Action::help) {
        std::cout << help_text(description, read.variables());
        return EXIT_SUCCESS;
    }
    if (command.action == Action::health_check) return check_health(config.http);
    if (command.action == Action::check_config && read.problems().empty()) {
        if (const auto why = http::listening_problem(config.http); !why.empty()) {
            read.problem("HOST", config.http.host, "an address to listen on here: " + why);
        }
    }
    if (!read.problems().empty()) {
        for (const auto& problem : read.problems()) {
            std::cerr << description.name << ": " << problem << "\n";
        }
        return kExitConfig;
    }
    if (command.action == Action::check_config) {
        for (const auto& warning : read.warnings()) {
            std::cerr << description.name << ": warning: " << warning << "\n";
        }
        std::cout << description.name << ": the configuration is complete\n";
        return EXIT_SUCCESS;
    }

    const logging::Logger log{std::string{description.name}, config.daemon.log};
    int code = EXIT_FAILURE;
    if constexpr (kHasDatabase<Config>) {
        if (command.action == Action::migrate) {
            code = migrate_database(config.postgres, log);
            spdlog::shutdown();
            return code;
        }
    }
    try {
        Shutdown shutdown{config.daemon.shutdown, log};
        log.info("starting", {{"version", version_text(description)}});
        for (const auto& warning : read.warnings()) log.warn(warning);
        code = serve(config, log, shutdown);
        log.info("stopped", {{"code", code}});
    } catch (const std::exception& error) {
        log.fatal("can not go on", {{"err", error.what()}});
    }
    spdlog::shutdown();
    return code;
}

}  // namespace events::service
