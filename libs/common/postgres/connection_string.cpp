#include "common/postgres/connection_string.hpp"

#include "common/config/text.hpp"
#include "common/config/values.hpp"
#include "common/postgres/connection_url.hpp"
#include "common/postgres/foreign_parameters.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace events::postgres {
namespace {

using Keywords = std::map<std::string, std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

struct FreeOptions {
    void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
using ParsedOptions = std::unique_ptr<PQconninfoOption, FreeOptions>;

/// libpq's parameters that hold one of a few words.
struct Choice {
    std::string_view name;
    std::string_view words;  ///< separated by ", "
};

constexpr std::string_view kTlsVersions = "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3";
constexpr std::array<Choice, 6> kChoices{{
    {"sslmode", "disable, allow, prefer, require, verify-ca, verify-full"},
    {"target_session_attrs", "any, read-write, read-only, primary, standby, prefer-standby"},
    {"channel_binding", "disable, prefer, require"},
    {"gssencmode", "disable, prefer, require"},
    {"ssl_min_protocol_version", kTlsVersions},
    {"ssl_max_protocol_version", kTlsVersions},
}};

constexpr std::array<std::string_view, 6> kNumbers{"connect_timeout",  "keepalives",
                                                   "keepalives_idle",  "keepalives_interval",
                                                   "keepalives_count", "tcp_user_timeout"};

std::string quote_value(std::string_view value) {
    std::string out = "'";
    for (const char character : value) {
        if (character == '\'' || character == '\\') out += '\\';
        out += character;
    }
    return out + "'";
}

/// The parts between commas, the empty ones too.
std::vector<std::string> listed(std::string_view text) {
    std::vector<std::string> parts;
    while (true) {
        const auto comma = text.find(',');
        parts.emplace_back(text.substr(0, comma));
        if (comma == std::string_view::npos) return parts;
        text.remove_prefix(comma + 1);
    }
}

std::string value_of(const Keywords& options, const std::string& name) {
    const auto found = options.find(name);
    return found == options.end() ? "" : found->second;
}

/// A name, an address, or a socket; libpq looks a name up and then quotes it.
bool is_server(std::string_view text) {
    return text.empty() || text.starts_with('/') || text.starts_with('@') || config::is_host(text);
}

bool is_address(const std::string& text) {
    in6_addr address{};
    return text.empty() || ::inet_pton(AF_INET, text.c_str(), &address) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool is_port(std::string_view text) {
    const auto port = config::parse_number<int>(text);
    return text.empty() || (port && *port >= 1 && *port <= 65'535);
}

bool is_one_of(std::string_view word, std::string_view words) {
    return fmt::format(", {},", words).find(fmt::format(" {},", word)) != std::string::npos;
}

/// What is wrong with the servers, which libpq checks late, and quotes.
std::string_view problem_of_servers(const Keywords& options) {
    const auto hosts = listed(value_of(options, "host"));
    const auto addresses = listed(value_of(options, "hostaddr"));
    const auto ports = listed(value_of(options, "port"));
    if (!std::ranges::all_of(hosts, is_server)) {
        return "a host of it is not one (a special character of a user or a password is written as "
               "%XX, '/' as %2F, '@' as %40)";
    }
    if (!std::ranges::all_of(addresses, is_address)) return "its hostaddr is not an address";
    if (!std::ranges::all_of(ports, is_port)) return "a port of it is not from 1 to 65535";
    const auto servers = std::max(hosts.size(), addresses.size());
    const bool named = options.contains("host") || options.contains("hostaddr");
    if (named && ports.size() != 1 && ports.size() != servers) {
        return "it has another number of ports than of hosts";
    }
    if (options.contains("host") && options.contains("hostaddr") &&
        hosts.size() != addresses.size()) {
        return "it has another number of hosts than of hostaddr's addresses";
    }
    return {};
}

std::string problem_of(const Keywords& options) {
    if (const auto why = problem_of_servers(options); !why.empty()) return std::string{why};
    if (value_of(options, "sslmode") == "no-verify") {
        return "its sslmode no-verify is node-postgres' own (TLS without a check is "
               "sslmode=require)";
    }
    for (const auto& [name, words] : kChoices) {
        const auto value = value_of(options, std::string{name});
        if (!value.empty() && !is_one_of(value, words)) {
            return fmt::format("its {} is not one of {}", name, words);
        }
    }
    for (const auto name : kNumbers) {
        const auto value = value_of(options, std::string{name});
        if (!value.empty() && !config::parse_number<int>(value)) {
            return fmt::format("its {} is not a number", name);
        }
    }
    return {};
}

std::set<std::string, std::less<>> keywords() {
    std::set<std::string, std::less<>> names;
    const ParsedOptions options{PQconninfoParse("", nullptr)};
    const auto* option = options.get();
    for (; option != nullptr && option->keyword != nullptr; ++option)
        names.emplace(option->keyword);
    return names;
}

/// libpq's own form. Its reason quotes parts of the text, and with them a password; it is told only
/// where it names a parameter that no password can stand before.
Expected<Pairs, std::string> parse_keywords(const std::string& text) {
    char* reason = nullptr;
    const ParsedOptions options{PQconninfoParse(text.c_str(), &reason)};
    const std::unique_ptr<char, decltype(&PQfreemem)> owner{reason, &PQfreemem};
    Pairs pairs;
    const auto* option = options.get();
    for (; option != nullptr && option->keyword != nullptr; ++option) {
        if (option->val != nullptr) pairs.emplace_back(option->keyword, option->val);
    }
    if (options) return pairs;
    constexpr std::string_view kUnknown = "invalid connection option \"";
    const std::string_view why{reason == nullptr ? "" : reason};
    if (why.starts_with(kUnknown)) {
        const auto name = why.substr(kUnknown.size(), why.rfind('"') - kUnknown.size());
        if (text.find("password") > text.find(name)) {
            return Unexpected<std::string>{fmt::format("its parameter \"{}\" is not known", name)};
        }
    }
    return Unexpected<std::string>{
        "it is neither a URL (postgresql://user:password@host:port/database) nor a list of "
        "libpq's keyword=value"};
}

}  // namespace

Expected<ConnectionParameters, std::string> parse_connection_parameters(const std::string& text) {
    ConnectionUrl url;
    if (scheme_of(text)) {
        auto parsed = parse_connection_url(text);
        if (!parsed) return Unexpected<std::string>{std::move(parsed.error())};
        url = std::move(*parsed);
    } else {
        auto parsed = parse_keywords(text);
        if (!parsed) return Unexpected<std::string>{std::move(parsed.error())};
        url.parameters = std::move(*parsed);
    }
    ConnectionParameters result;
    const auto known = keywords();
    for (auto& [name, value] : url.parameters) {
        if (known.contains(name)) {
            result.options.insert_or_assign(name, std::move(value));
        } else if (!take_foreign(name, value, result)) {
            return Unexpected<std::string>{
                url.names_are_sure ? fmt::format("its parameter \"{}\" is not known", name)
                                   : std::string{"a parameter of it is not known"}};
        }
    }
    if (auto why = problem_of(result.options); !why.empty()) {
        return Unexpected<std::string>{std::move(why)};
    }
    return result;
}

std::string connection_string(const ConnectionParameters& parameters,
                              const std::map<std::string, std::string>& defaults) {
    auto options = parameters.options;
    options.insert(defaults.begin(), defaults.end());
    std::string text;
    for (const auto& [name, value] : options) {
        if (!text.empty()) text += ' ';
        text += name;
        text += '=';
        text += quote_value(value);
    }
    return text;
}

std::string without_user(std::string message, const ConnectionParameters& parameters) {
    const auto user = value_of(parameters.options, "user");
    if (user.empty()) return message;
    for (const std::string_view noun : {"user", "role"}) {
        const auto shown = fmt::format("{} \"{}\"", noun, user);
        for (auto at = message.find(shown); at != std::string::npos;
             at = message.find(shown, at + noun.size())) {
            message.replace(at, shown.size(), fmt::format("{} \"***\"", noun));
        }
    }
    return message;
}

}  // namespace events::postgres
