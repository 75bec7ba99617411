#include "common/nats/server_list.hpp"

#include "common/config/percent.hpp"
#include "common/config/text.hpp"

#include <boost/url/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace events::nats {
namespace {

constexpr std::string_view kScheme = "nats://";
constexpr std::string_view kSecureScheme = "tls://";

using config::percent_decoded;

/// Empty when it is the URL of a server, else what is wrong with it.
std::string_view problem_of(std::string_view url) {
    const auto parsed = boost::urls::parse_uri({url.data(), url.size()});
    if (!parsed) return "a server's address is not a URL";
    if (parsed->scheme() != "nats" && parsed->scheme() != "tls") {
        return "a server's address begins with neither nats:// nor tls://";
    }
    if (parsed->host().empty()) return "a server's address has no host";
    if (!config::is_host(parsed->host_address())) return "a server's host is not one";
    if (parsed->has_port() && parsed->port_number() == 0) {
        return "a server's port is not one (a ',' of a password is written as %2C)";
    }
    const std::string_view path{parsed->encoded_path().data(), parsed->encoded_path().size()};
    if ((!path.empty() && path != "/") || parsed->has_query() || parsed->has_fragment()) {
        return "a server's address has more than a host and a port (a special character of a "
               "password is written as %XX, '/' as %2F, ',' as %2C)";
    }
    return {};
}

/// A user, password or token as cnats can take it within a URL. It cuts the URL at ':' and '@', and
/// writes the pieces into JSON as they are; since 3.9 it decodes percent escapes before. So
/// everything of a meaning to any of them becomes JSON's escape.
std::string json_escaped(std::string_view text) {
    constexpr std::string_view kSpecial = "\"\\%:@/?#[] ";
    std::string escaped;
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (code < 0x20 || code == 0x7F || kSpecial.find(c) != std::string_view::npos) {
            escaped += fmt::format("\\u{:04x}", code);
        } else {
            escaped += c;
        }
    }
    return escaped;
}

/// "user:password" or "token", percent-encoded, for cnats; nothing for a broken escape.
std::optional<std::string> user_part(std::string_view text) {
    const auto colon = text.find(':');
    const auto user = percent_decoded(text.substr(0, colon));
    if (!user || user->empty()) return std::nullopt;
    if (colon == std::string_view::npos) return json_escaped(*user);
    const auto password = percent_decoded(text.substr(colon + 1));
    if (!password) return std::nullopt;
    return json_escaped(*user) + ":" + json_escaped(*password);
}

Unexpected<std::string> wrong(std::string_view why) {
    return Unexpected<std::string>{std::string{why}};
}

/// One entry of the list. What is before its last '@' is the user part, since no host has one.
Expected<std::string, std::string> parse_server(std::string_view entry) {
    if (entry.empty()) return wrong("a server's address is empty");
    const auto front = entry.find("://");
    std::string url{front == std::string_view::npos ? kScheme : entry.substr(0, front + 3)};
    if (front != std::string_view::npos) entry.remove_prefix(front + 3);
    std::optional<std::string> user;
    if (const auto at = entry.rfind('@'); at != std::string_view::npos) {
        user = user_part(entry.substr(0, at));
        if (!user) {
            return wrong(
                "a server's user or password can't be read (a special character of it is "
                "written as %XX, '%' as %25)");
        }
        entry.remove_prefix(at + 1);
    }
    const std::string server{entry};
    if (const auto why = problem_of(url + server); !why.empty()) return wrong(why);
    return url + (user ? *user + "@" : "") + server;
}

}  // namespace

Expected<std::vector<std::string>, std::string> parse_server_list(std::string_view text) {
    std::vector<std::string> servers;
    while (true) {
        const auto comma = text.find(',');
        auto server = parse_server(config::trimmed(text.substr(0, comma)));
        if (!server) return Unexpected<std::string>{std::move(server.error())};
        servers.push_back(std::move(*server));
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
