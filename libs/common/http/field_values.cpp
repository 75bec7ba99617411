#include "common/http/field_values.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <charconv>

namespace events::http {

std::string_view trimmed(std::string_view text) noexcept {
    const auto first = std::min(text.find_first_not_of(" \t"), text.size());
    text.remove_prefix(first);
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

namespace {

/// Where a member ends in which a quoted string begins.
std::size_t end_of_quoted(std::string_view text, char separator) noexcept {
    std::size_t end = 0;
    for (bool quoted = false; end < text.size(); ++end) {
        const char c = text[end];
        if (c == separator && !quoted) break;
        if (c == '"') quoted = !quoted;
        if (c == '\\' && quoted && end + 1 < text.size()) ++end;
    }
    return end;
}

}  // namespace

std::string_view take_member(std::string_view& rest, char separator) noexcept {
    auto end = std::min(rest.find(separator), rest.size());
    if (rest.substr(0, end).find('"') != std::string_view::npos) {
        end = end_of_quoted(rest, separator);
    }
    const auto piece = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return trimmed(piece);
}

double quality(std::string_view parameters) noexcept {
    while (!parameters.empty()) {
        auto value = take_member(parameters, ';');
        const auto name = take_member(value, '=');
        if (!boost::beast::iequals(name, "q")) continue;
        value = trimmed(value);
        double quality = 0;
        std::from_chars(value.data(), value.data() + value.size(), quality);
        return quality;
    }
    return 1;
}

bool matches_tag(std::string_view if_none_match, std::string_view tag) noexcept {
    if (trimmed(if_none_match) == "*") return true;
    // Our tags hold no comma, so another one's comma can't make a piece that equals one of ours.
    while (!if_none_match.empty()) {
        auto candidate = take_member(if_none_match, ',');
        if (candidate.starts_with("W/")) candidate.remove_prefix(2);
        if (candidate == tag) return true;
    }
    return false;
}

}  // namespace events::http
