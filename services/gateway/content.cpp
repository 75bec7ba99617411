#include "gateway/content.hpp"

#include <boost/beast/core/string.hpp>

#include <string_view>

namespace events::gateway {
namespace {

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    return text;
}

bool same(std::string_view left, std::string_view right) {
    return boost::beast::iequals(left, right);
}

/// Whether the parameters of a media type name no other charset than UTF-8.
bool is_utf8(std::string_view parameters) {
    while (!parameters.empty()) {
        const auto end = parameters.find(';');
        const auto parameter = trimmed(parameters.substr(0, end));
        parameters = end == std::string_view::npos ? "" : parameters.substr(end + 1);
        const auto equals = parameter.find('=');
        if (equals == std::string_view::npos) continue;
        auto value = trimmed(parameter.substr(equals + 1));
        if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) {
            value = value.substr(1, value.size() - 2);
        }
        if (same(trimmed(parameter.substr(0, equals)), "charset") && !same(value, "utf-8")) {
            return false;
        }
    }
    return true;
}

}  // namespace

Expected<Content, std::string> content_of(const http::RequestHead& head) {
    Content content;
    if (const auto type = head.header("content-type")) {
        const auto semicolon = type->find(';');
        const auto name = trimmed(type->substr(0, semicolon));
        if (same(name, "application/x-ndjson")) {
            content.format = BodyFormat::ndjson;
        } else if (!same(name, "application/json")) {
            return Unexpected<std::string>{
                "Content-Type must be application/json or application/x-ndjson"};
        }
        if (semicolon != std::string_view::npos && !is_utf8(type->substr(semicolon + 1))) {
            return Unexpected<std::string>{"the charset must be utf-8"};
        }
    }
    if (const auto encoding = head.header("content-encoding")) {
        const auto name = trimmed(*encoding);
        if (same(name, "gzip") || same(name, "x-gzip")) {
            content.gzip = true;
        } else if (!same(name, "identity") && !name.empty()) {
            return Unexpected<std::string>{"Content-Encoding must be gzip or identity"};
        }
    }
    return content;
}

}  // namespace events::gateway
