#include "support/nats_server.hpp"

#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/ports.hpp"

#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace events::test {
namespace {

/// Debian installs it in a folder that is not in every user's PATH.
std::string program() {
    constexpr const char* kDebian = "/usr/sbin/nats-server";
    return std::filesystem::exists(kDebian) ? kDebian : "nats-server";
}

/// Whether every thread of the process stands still.
bool is_stopped(pid_t pid) {
    const auto tasks = std::filesystem::path{"/proc"} / std::to_string(pid) / "task";
    std::error_code gone;  // a thread may end meanwhile
    for (const auto& task : std::filesystem::directory_iterator{tasks, gone}) {
        // "<pid> (<name>) <state> ..."
        const auto stat = read_file(task.path() / "stat");
        const auto name_end = stat.rfind(") ");
        if (name_end == std::string::npos || stat[name_end + 2] != 'T') return false;
    }
    return true;
}

}  // namespace

NatsServer::NatsServer(NatsServerOptions options)
    : options_{std::move(options)}, port_{free_port()} {
    if (options_.monitoring) monitoring_port_ = free_port();
    configure(options_.extra);
    if (options_.started) start();
}

void NatsServer::configure(const std::string& extra) {
    std::ofstream config{directory_.path() / "nats.conf"};
    config << "host: 127.0.0.1\nport: " << port_ << "\n";
    if (monitoring_port_ != 0) config << "http: \"127.0.0.1:" << monitoring_port_ << "\"\n";
    if (options_.jetstream) {
        const auto store = options_.store.empty() ? directory_.path() / "store" : options_.store;
        config << "jetstream {\n  store_dir: \"" << store.string() << "\"\n";
        if (!options_.max_file_store.empty()) {
            config << "  max_file: " << options_.max_file_store << "\n";
        }
        if (!options_.domain.empty()) config << "  domain: " << options_.domain << "\n";
        config << "}\n";
    }
    config << extra << "\n";
}

void NatsServer::start() {
    process_.emplace(
        ProcessOptions{.command = {program(), "-c", (directory_.path() / "nats.conf").string()},
                       .environment = {},
                       .output = log_file(),
                       .user = {}});
    // The port opens after JetStream has recovered its streams.
    const auto ended_or_open = [&] { return !process_->running() || accepts_connections(port_); };
    if (!await(ended_or_open) || !process_->running()) {
        throw std::runtime_error{"nats-server did not start:\n" + log()};
    }
}

void NatsServer::stop() {
    if (!process_) return;
    if (!process_->stop(SIGTERM, kPatience)) kill();
    process_.reset();
}

void NatsServer::kill() {
    if (process_) static_cast<void>(process_->stop(SIGKILL, kPatience));
    process_.reset();
}

void NatsServer::freeze() const {
    process_->signal(SIGSTOP);
    // The signal's effect comes later, thread by thread.
    if (!await([this] { return is_stopped(process_->pid()); })) {
        throw std::runtime_error{"nats-server does not stop at SIGSTOP"};
    }
}

void NatsServer::resume() const {
    process_->signal(SIGCONT);
}

std::string NatsServer::url() const {
    return "nats://127.0.0.1:" + std::to_string(port_);
}

std::string NatsServer::monitoring_url() const {
    return "http://127.0.0.1:" + std::to_string(monitoring_port_);
}

std::string NatsServer::log() const {
    return read_file(log_file());
}

}  // namespace events::test
