#include "gateway/content.hpp"

#include "common/http/field_values.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace events::gateway {
namespace {

using boost::beast::iequals;
using http::take_member;
using Refusal = Unexpected<UnsupportedContent>;

/// NDJSON has no registered type: these are what its senders write. Spring's streams are lines too.
constexpr std::array<std::string_view, 8> kNdjsonTypes{
    "application/x-ndjson",   "application/ndjson",      "application/jsonl",
    "application/x-jsonl",    "application/x-jsonlines", "application/jsonlines",
    "application/json-lines", "application/stream+json"};

/// Spellings of UTF-8 and, by IANA's names, of US-ASCII; in lower case, without what is no letter
/// and no digit.
constexpr std::array<std::string_view, 11> kCharsets{
    "utf8",        "usascii",  "ascii",   "csutf8", "unicode11utf8", "ansix341968",
    "ansix341986", "iso646us", "csascii", "cp367",  "ibm367"};

bool is_any_of(std::string_view name, std::span<const std::string_view> names) {
    return std::ranges::any_of(names, [&](std::string_view one) { return iequals(name, one); });
}

std::optional<BodyFormat> format_of(std::string_view type) {
    constexpr std::string_view kSuffix = "+json";
    if (iequals(type, "application/json")) return BodyFormat::json;
    if (is_any_of(type, kNdjsonTypes)) return BodyFormat::ndjson;
    if (iequals(type, "text/json")) return BodyFormat::json;
    // A subtype has a name before its suffix (RFC 6839).
    const auto slash = type.find('/');
    if (slash == 0 || slash == std::string_view::npos) return std::nullopt;
    const auto subtype = type.substr(slash + 1);
    if (subtype.size() <= kSuffix.size()) return std::nullopt;
    const auto suffix = subtype.substr(subtype.size() - kSuffix.size());
    return iequals(suffix, kSuffix) ? std::optional{BodyFormat::json} : std::nullopt;
}

/// The quotes are taken off, single ones as well, which some clients write.
bool is_known_charset(std::string_view value) {
    if (iequals(value, "utf-8")) return true;
    std::string name;
    for (const char c : value) {
        if (c >= 'A' && c <= 'Z') name += static_cast<char>(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) name += c;
    }
    return name.empty() || std::ranges::find(kCharsets, name) != kCharsets.end();
}

/// Whether the parameters of a media type name no other charset than those.
bool has_known_charset(std::string_view parameters) {
    while (!parameters.empty()) {
        auto value = take_member(parameters, ';');
        const auto name = take_member(value, '=');
        if (iequals(name, "charset") && !is_known_charset(value)) return false;
    }
    return true;
}

UnsupportedContent unsupported_type(std::string detail) {
    return {.detail = std::move(detail),
            .header = "Accept",
            .taken =
                "application/json, application/*+json, application/x-ndjson, "
                "application/ndjson, application/jsonl, application/x-jsonlines"};
}

UnsupportedContent unsupported_coding() {
    return {.detail = "Content-Encoding must be one of gzip, deflate and identity",
            .header = "Accept-Encoding",
            .taken = "gzip, deflate"};
}

/// Of one line of Content-Encoding: adds its coding to those of the lines before; false when it is
/// not known or when it is a second one.
bool add_coding(std::string_view members, Coding& coding) {
    while (!members.empty()) {
        const auto name = take_member(members, ',');
        if (name.empty() || iequals(name, "identity")) continue;
        if (coding != Coding::identity) return false;
        if (iequals(name, "gzip") || iequals(name, "x-gzip")) {
            coding = Coding::gzip;
        } else if (iequals(name, "deflate")) {
            coding = Coding::deflate;
        } else {
            return false;
        }
    }
    return true;
}

}  // namespace

Expected<Content, UnsupportedContent> content_of(const http::RequestHead& head) {
    Content content;
    std::optional<std::string_view> type;
    for (const auto& [name, value] : head.headers) {
        if (iequals(name, "Content-Type")) {
            if (!type) type = value;
        } else if (iequals(name, "Content-Encoding") && !add_coding(value, content.coding)) {
            return Refusal{unsupported_coding()};
        }
    }
    if (!type || type->empty()) return content;
    const auto format = format_of(take_member(*type, ';'));
    if (!format) {
        return Refusal{
            unsupported_type("Content-Type must be application/json or application/x-ndjson")};
    }
    if (!has_known_charset(*type)) return Refusal{unsupported_type("the charset must be utf-8")};
    content.format = *format;
    return content;
}

}  // namespace events::gateway
