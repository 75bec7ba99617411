#include "common/postgres/connection_string.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <string_view>

namespace events::postgres {
namespace {

struct FreeOptions {
    void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};

std::string quote_value(std::string_view value) {
    std::string out = "'";
    for (const char character : value) {
        if (character == '\'' || character == '\\') out += '\\';
        out += character;
    }
    return out + "'";
}

/// A list of ports, as libpq takes several hosts. It checks them late, and quotes them.
bool is_port_list(std::string_view text) {
    return std::ranges::all_of(text, [](unsigned char character) {
        return std::isdigit(character) != 0 || character == ',';
    });
}

}  // namespace

std::optional<std::string> connection_string(const std::string& url,
                                             const std::map<std::string, std::string>& defaults) {
    char* error = nullptr;
    const std::unique_ptr<PQconninfoOption, FreeOptions> options{
        PQconninfoParse(url.c_str(), &error)};
    PQfreemem(error);
    if (!options) return std::nullopt;

    auto parameters = defaults;
    for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) parameters[option->keyword] = option->val;
    }
    if (const auto port = parameters.find("port");
        port != parameters.end() && !is_port_list(port->second)) {
        return std::nullopt;
    }
    std::string text;
    for (const auto& [name, value] : parameters) {
        if (!text.empty()) text += ' ';
        text += name;
        text += '=';
        text += quote_value(value);
    }
    return text;
}

}  // namespace events::postgres
