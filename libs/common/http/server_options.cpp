#include "common/config/env_reader.hpp"
#include "common/config/text.hpp"
#include "common/http/listen.hpp"
#include "common/http/server.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>

#include <system_error>

namespace events::http {

using namespace std::chrono_literals;

namespace {

/// An address, or the name of a host: no brackets, no port, and not the ruins of an address.
bool is_listening_host(const std::string& text) {
    boost::system::error_code error;
    boost::asio::ip::make_address(text, error);
    if (!error) return true;
    const auto last = text.substr(text.rfind('.') + 1);
    const bool is_number = last.find_first_not_of("0123456789") == std::string::npos;
    in_addr address{};
    if (is_number) return ::inet_aton(text.c_str(), &address) == 1;
    return config::is_host(text) && text.find_first_of(":%") == std::string::npos;
}

std::string read_host(config::EnvReader& read, const std::string& fallback) {
    auto host = read.text("HOST", fallback, "the address that HTTP listens on");
    if (!is_listening_host(host)) {
        read.problem("HOST", host, "an address or a host's name, without brackets and port");
    }
    return host;
}

/// Below it only some users may listen.
constexpr std::uint16_t kFirstFreePort = 1'024;

}  // namespace

std::string listening_problem(const ServerOptions& options) {
    boost::asio::io_context io;
    try {
        // A port that is taken, by the daemon itself perhaps, is no fault of the configuration.
        (void)listen(io, options.host, options.port < kFirstFreePort ? options.port : 0);
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::address_in_use) return error.what();
    }
    return {};
}

std::optional<std::string> public_address(const ServerOptions& options) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(options.host, error);
    if (error ? options.host == "localhost" : address.is_loopback()) return std::nullopt;
    const bool is_v6 = !error && address.is_v6();
    return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", options.host, is_v6 ? "]" : "", options.port);
}

ServerOptions read_server_options(config::EnvReader& read, std::uint16_t default_port) {
    const ServerOptions defaults;
    constexpr config::Range<std::chrono::milliseconds> kPatience{10ms, 1h};
    return {
        .host = read_host(read, defaults.host),
        .port = read.port("PORT", default_port, "the port that HTTP listens on; 0: any free one"),
        .header_timeout =
            read.milliseconds("HTTP_HEADER_TIMEOUT_MS", defaults.header_timeout, kPatience,
                              "the longest time from a request's first byte to its header's end"),
        .body_timeout = read.milliseconds(
            "HTTP_BODY_TIMEOUT_MS", defaults.body_timeout, kPatience,
            "the longest time for a request's body, besides a second per 64 KiB received"),
        .idle_timeout = read.milliseconds("HTTP_IDLE_TIMEOUT_MS", defaults.idle_timeout, kPatience,
                                          "how long a connection without a request stays open"),
        .write_timeout =
            read.milliseconds("HTTP_WRITE_TIMEOUT_MS", defaults.write_timeout, kPatience,
                              "how long an answer may wait for the client to take more of it"),
        .max_connections = static_cast<std::size_t>(read.integer(
            "HTTP_MAX_CONNECTIONS", static_cast<std::int64_t>(defaults.max_connections),
            {1, 1'000'000},
            "connections that are served at a time; for more, the most silent ones are closed")),
        .max_header_bytes = static_cast<std::size_t>(read.bytes(
            "HTTP_MAX_HEADER_BYTES", defaults.max_header_bytes, {1'024, std::uint64_t{1} << 20},
            "the longest header of a request, with its first line")),
        .max_unsent_bytes = static_cast<std::size_t>(
            read.bytes("HTTP_MAX_UNSENT_BYTES", defaults.max_unsent_bytes,
                       {std::uint64_t{1} << 20, std::uint64_t{1} << 40},
                       "answers that clients have not taken yet; beyond it the slowest go")),
    };
}

}  // namespace events::http
