#include "reporter/negotiation.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <optional>

namespace events::reporter {
namespace {

std::string_view trimmed(std::string_view text) noexcept {
    const auto first = std::min(text.find_first_not_of(" \t"), text.size());
    text.remove_prefix(first);
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

/// Takes the text up to `separator` off `rest`, trimmed.
std::string_view take(std::string_view& rest, char separator) noexcept {
    const auto piece = rest.substr(0, rest.find(separator));
    rest.remove_prefix(std::min(piece.size() + 1, rest.size()));
    return trimmed(piece);
}

bool same(std::string_view left, std::string_view right) noexcept {
    return boost::beast::iequals({left.data(), left.size()}, {right.data(), right.size()});
}

/// Whether the parameters of a list's member, e.g. "q=0.5", leave it wanted: not "q=0", "q=0.000".
bool is_wanted(std::string_view parameters) noexcept {
    while (!parameters.empty()) {
        auto value = take(parameters, ';');
        const auto name = take(value, '=');
        if (same(name, "q")) return value.find_first_not_of("0.") != std::string_view::npos;
    }
    return true;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) noexcept {
    std::optional<bool> gzip;
    bool any = false;
    while (!accept_encoding.empty()) {
        auto member = take(accept_encoding, ',');
        const auto name = take(member, ';');
        if (same(name, "gzip") || same(name, "x-gzip")) gzip = is_wanted(member);
        if (name == "*") any = is_wanted(member);
    }
    return gzip.value_or(any);
}

bool matches_tag(std::string_view if_none_match, std::string_view tag) noexcept {
    if (trimmed(if_none_match) == "*") return true;
    // Our tags hold no comma, so another one's comma can't make a piece that equals one of ours.
    while (!if_none_match.empty()) {
        auto candidate = take(if_none_match, ',');
        if (candidate.starts_with("W/")) candidate.remove_prefix(2);
        if (candidate == tag) return true;
    }
    return false;
}

}  // namespace events::reporter
