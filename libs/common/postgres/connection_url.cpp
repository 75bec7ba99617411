#include "common/postgres/connection_url.hpp"

#include "common/config/percent.hpp"

#include <algorithm>

namespace events::postgres {
namespace {

using config::percent_decoded;
using Parameters = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kBrokenEscape =
    "a '%' in it is not followed by two hexadecimal digits (a '%' is written as %25)";
constexpr std::string_view kBrokenAuthority =
    "its servers are not host:port (a special character of a user or a password is written as %XX, "
    "'/' as %2F, '@' as %40)";

Unexpected<std::string> wrong(std::string_view why) {
    return Unexpected<std::string>{std::string{why}};
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// The text up to the first of these characters, which is cut from its front.
std::string_view cut(std::string_view& text, std::string_view ends) {
    const auto part = text.substr(0, text.find_first_of(ends));
    text.remove_prefix(part.size());
    return part;
}

/// "user:password", either of which may be missing. False for a broken escape.
bool add_user(std::string_view text, Parameters& parameters) {
    const auto colon = text.find(':');
    const auto user = percent_decoded(text.substr(0, colon));
    if (!user) return false;
    if (!user->empty()) parameters.emplace_back("user", *user);
    if (colon == std::string_view::npos) return true;
    const auto password = percent_decoded(text.substr(colon + 1));
    if (!password) return false;
    if (!password->empty()) parameters.emplace_back("password", *password);
    return true;
}

/// One "host:port" or "[address]:port"; false when it is neither.
bool split_server(std::string_view text, std::string& hosts, std::string& ports) {
    std::string_view host;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos || end == 1) return false;
        host = text.substr(1, end - 1);
        text.remove_prefix(end + 1);
    } else {
        host = cut(text, ":");
    }
    if (!text.empty() && text.front() != ':') return false;
    const auto decoded = percent_decoded(host);
    const auto port = text.empty() ? text : text.substr(1);
    if (!decoded || !std::ranges::all_of(port, is_digit)) return false;
    hosts += *decoded;
    ports += port;
    return true;
}

bool add_servers(std::string_view text, Parameters& parameters) {
    std::string hosts;
    std::string ports;
    while (true) {
        if (!split_server(cut(text, ","), hosts, ports)) return false;
        if (text.empty()) break;
        text.remove_prefix(1);
        hosts += ',';
        ports += ',';
    }
    if (hosts.find_first_not_of(',') != std::string::npos) parameters.emplace_back("host", hosts);
    if (ports.find_first_not_of(',') != std::string::npos) parameters.emplace_back("port", ports);
    return true;
}

/// "name=value&other=value". What is wrong with it; empty when nothing is.
std::string_view add_query(std::string_view text, Parameters& parameters) {
    while (!text.empty()) {
        auto pair = cut(text, "&");
        text.remove_prefix(text.empty() ? 0 : 1);
        if (pair.empty()) continue;
        const auto name = cut(pair, "=");
        const bool is_name = !name.empty() && std::ranges::all_of(name, [](char c) {
            return is_letter(c) || is_digit(c) || c == '_';
        });
        if (!is_name || pair.empty()) return "a parameter of it is not name=value";
        const auto value = percent_decoded(pair.substr(1));
        if (!value) return kBrokenEscape;
        parameters.emplace_back(name, *value);
    }
    return {};
}

}  // namespace

std::optional<std::string_view> scheme_of(std::string_view text) {
    const auto end = text.find("://");
    if (end == std::string_view::npos || end == 0 || !is_letter(text.front())) return std::nullopt;
    const auto scheme = text.substr(0, end);
    const bool is_scheme = std::ranges::all_of(scheme, [](char c) {
        return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
    });
    if (!is_scheme) return std::nullopt;
    return scheme;
}

Expected<ConnectionUrl, std::string> parse_connection_url(std::string_view url) {
    const auto scheme = scheme_of(url);
    if (scheme != "postgresql" && scheme != "postgres") {
        return wrong("it begins with neither postgresql:// nor postgres://");
    }
    ConnectionUrl result;
    url.remove_prefix(scheme->size() + 3);

    // As libpq sees it: there is a user part when an '@' comes before any '/'. It may hold what
    // would otherwise end it, and no host holds an '@', so the last one before the path counts.
    const auto first_at = url.find('@');
    if (first_at < url.find('/')) {
        const auto end = url.find_first_of("/?", first_at);
        const auto at = url.substr(0, end).rfind('@');
        if (!add_user(url.substr(0, at), result.parameters)) return wrong(kBrokenEscape);
        url.remove_prefix(at + 1);
    }
    result.names_are_sure = url.find('@') == std::string_view::npos;
    if (!add_servers(cut(url, "/?"), result.parameters)) return wrong(kBrokenAuthority);

    if (url.starts_with('/')) {
        url.remove_prefix(1);
        const auto name = cut(url, "?");
        if (name.find_first_of("/@") != std::string_view::npos) return wrong(kBrokenAuthority);
        const auto database = percent_decoded(name);
        if (!database) return wrong(kBrokenEscape);
        if (!database->empty()) result.parameters.emplace_back("dbname", *database);
    }
    if (!url.empty()) url.remove_prefix(1);  // '?'
    if (const auto why = add_query(url, result.parameters); !why.empty()) return wrong(why);
    return result;
}

}  // namespace events::postgres
