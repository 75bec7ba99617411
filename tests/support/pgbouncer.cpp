#include "support/pgbouncer.hpp"

#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/ports.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace events::test {
namespace {

/// Debian puts it where the PATH of most users does not look.
std::string pgbouncer_program() {
    const std::filesystem::path debian = "/usr/sbin/pgbouncer";
    return std::filesystem::exists(debian) ? debian.string() : "pgbouncer";
}

}  // namespace

PgBouncer::PgBouncer(std::uint16_t postgres_port, const std::string& mode,
                     const std::vector<std::string>& settings,
                     const std::vector<std::string>& roles)
    : postgres_port_{postgres_port}, port_{free_port()} {
    const auto configuration = folder_.path() / "pgbouncer.ini";
    const auto users = folder_.path() / "users";
    std::ofstream list{users};
    for (const auto& role : roles) list << '"' << role << "\" \"\"\n";
    list.close();
    std::ofstream file{configuration};
    file << "[databases]\n* = host=127.0.0.1 port=" << postgres_port_ << "\n[pgbouncer]\n"
         << "listen_addr = 127.0.0.1\nlisten_port = " << port_ << "\nunix_socket_dir =\n"
         << "auth_type = trust\nauth_file = " << users.string() << "\npool_mode = " << mode << "\n";
    for (const auto& setting : settings) file << setting << "\n";
    file.close();
    server_ =
        std::make_unique<Process>(ProcessOptions{.command = {pgbouncer_program(), configuration},
                                                 .environment = {},
                                                 .output = folder_.path() / "log",
                                                 .user = "postgres"});
    const auto listens = [this] { return !server_->running() || accepts_connections(port_); };
    if (!await(listens) || !server_->running()) {
        throw std::runtime_error{"pgbouncer does not start: " + log()};
    }
}

std::string PgBouncer::through(std::string url) const {
    const auto port = ":" + std::to_string(postgres_port_) + "/";
    return url.replace(url.find(port), port.size(), ":" + std::to_string(port_) + "/");
}

std::string PgBouncer::log() const {
    return read_file(folder_.path() / "log");
}

}  // namespace events::test
