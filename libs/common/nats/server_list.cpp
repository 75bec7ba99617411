#include "common/nats/server_list.hpp"

#include <boost/url/parse.hpp>

#include <algorithm>

namespace events::nats {
namespace {

constexpr std::string_view kScheme = "nats://";
constexpr std::string_view kSecureScheme = "tls://";

std::string_view trim(std::string_view text) {
    constexpr std::string_view kSpaces = " \t\r\n";
    const auto first = text.find_first_not_of(kSpaces);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

/// Empty when it is the URL of a server, else what is wrong with it.
std::string_view problem_of(const std::string& url) {
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed) return "a server's address is not a URL";
    if (parsed->scheme() != "nats" && parsed->scheme() != "tls") {
        return "a server's address begins with neither nats:// nor tls://";
    }
    if (parsed->host().empty()) return "a server's address has no host";
    if (parsed->has_port() && parsed->port_number() == 0) return "a server's port is not one";
    const std::string_view path{parsed->encoded_path().data(), parsed->encoded_path().size()};
    if ((!path.empty() && path != "/") || parsed->has_query() || parsed->has_fragment()) {
        return "a server's address has more than a host and a port";
    }
    return {};
}

}  // namespace

Expected<std::vector<std::string>, std::string> parse_server_list(std::string_view text) {
    std::vector<std::string> servers;
    while (true) {
        const auto comma = text.find(',');
        const auto entry = trim(text.substr(0, comma));
        if (entry.empty()) return Unexpected<std::string>{"a server's address is empty"};
        auto url = entry.find("://") == std::string_view::npos ? std::string{kScheme} : "";
        url += entry;
        if (const auto problem = problem_of(url); !problem.empty()) {
            return Unexpected<std::string>{std::string{problem}};
        }
        servers.push_back(std::move(url));
        if (comma == std::string_view::npos) return servers;
        text.remove_prefix(comma + 1);
    }
}

bool asks_for_tls(const std::vector<std::string>& servers) {
    return std::ranges::any_of(
        servers, [](std::string_view server) { return server.starts_with(kSecureScheme); });
}

std::string without_credentials(std::string_view url) {
    const auto scheme = url.find("://");
    const auto begin = scheme == std::string_view::npos ? 0 : scheme + 3;
    const auto at = url.rfind('@');
    if (at == std::string_view::npos || at < begin) return std::string{url};
    return std::string{url.substr(0, begin)} + std::string{url.substr(at + 1)};
}

}  // namespace events::nats
