#include "support/reverse_proxy.hpp"

#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/ports.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <vector>

namespace events::test {
namespace {

/// Debian puts it where the PATH of most users does not look.
std::string program(const std::string& name) {
    const auto debian = std::filesystem::path{"/usr/sbin"} / name;
    return std::filesystem::exists(debian) ? debian.string() : name;
}

void write(const std::filesystem::path& path, std::string_view text) {
    std::ofstream{path} << text;
}

std::string replaced(std::string text, std::string_view what, const std::string& with) {
    auto at = text.find(what);
    if (at == std::string::npos) throw std::runtime_error{"no " + std::string{what}};
    for (; at != std::string::npos; at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
    return text;
}

/// What Debian's own nginx.conf has around the files of conf.d, with folders of the test.
std::string nginx_main(const std::filesystem::path& folder, const std::filesystem::path& site) {
    std::string text = "daemon off;\npid " + (folder / "pid").string() + ";\nerror_log stderr;\n";
    if (::geteuid() == 0) text += "user root;\n";
    text += "events { worker_connections 768; }\nhttp {\naccess_log off;\n";
    for (const auto* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
        text += std::string{kind} + "_temp_path " + (folder / kind).string() + ";\n";
    }
    return text + "include " + site.string() + ";\n}\n";
}

std::vector<std::string> command(ProxyKind kind, const std::filesystem::path& folder,
                                 const std::filesystem::path& file) {
    switch (kind) {
        case ProxyKind::nginx:
            write(folder / "main.conf", nginx_main(folder, file));
            return {program("nginx"), "-p", folder.string(), "-c", (folder / "main.conf").string()};
        case ProxyKind::haproxy:
            return {program("haproxy"), "-db", "-f", file.string()};
        case ProxyKind::caddy:
            break;
    }
    return {program("caddy"), "run", "--adapter", "caddyfile", "--config", file.string()};
}

std::string file_of(ProxyKind kind) {
    switch (kind) {
        case ProxyKind::nginx:
            return "nginx.conf";
        case ProxyKind::haproxy:
            return "haproxy.cfg";
        case ProxyKind::caddy:
            break;
    }
    return "Caddyfile";
}

}  // namespace

std::string_view to_string(ProxyKind kind) noexcept {
    switch (kind) {
        case ProxyKind::nginx:
            return "nginx";
        case ProxyKind::haproxy:
            return "haproxy";
        case ProxyKind::caddy:
            break;
    }
    return "caddy";
}

ReverseProxy::ReverseProxy(ProxyKind kind, std::uint16_t gateway_port, std::uint16_t reporter_port)
    : port_{free_port()} {
    const auto name = file_of(kind);
    const auto file = folder_.path() / name;
    auto text = read_file(source_directory() / "deploy/proxies" / name);
    text = replaced(text, "127.0.0.1:3001", "127.0.0.1:" + std::to_string(gateway_port));
    text = replaced(text, "127.0.0.1:3004", "127.0.0.1:" + std::to_string(reporter_port));
    text = replaced(text, "8080", std::to_string(port_));
    // Its own port for commands would be another's, too.
    if (kind == ProxyKind::caddy) text = "{\n\tadmin off\n}\n" + text;
    write(file, text);
    process_ =
        std::make_unique<Process>(ProcessOptions{.command = command(kind, folder_.path(), file),
                                                 .environment = {{"HOME", folder_.path()}},
                                                 .output = folder_.path() / "log",
                                                 .user = {}});
    const auto listens = [this] { return !process_->running() || accepts_connections(port_); };
    if (!await(listens) || !process_->running()) {
        throw std::runtime_error{name + " does not start: " + log()};
    }
}

std::string ReverseProxy::url() const {
    return "http://127.0.0.1:" + std::to_string(port_);
}

std::string ReverseProxy::log() const {
    return read_file(folder_.path() / "log");
}

}  // namespace events::test
