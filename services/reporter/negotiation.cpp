#include "reporter/negotiation.hpp"

#include <boost/beast/core/string.hpp>
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <charconv>
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

/// The quality that the parameters of a list's member give it, e.g. 0.5 for "q=0.5"; 1 without
/// one, 0 for one that is no number.
double quality(std::string_view parameters) noexcept {
    while (!parameters.empty()) {
        auto value = take(parameters, ';');
        const auto name = take(value, '=');
        if (!same(name, "q")) continue;
        double quality = 0;
        std::from_chars(value.data(), value.data() + value.size(), quality);
        return quality;
    }
    return 1;
}

/// The quality of a media type by the most specific of its ranges that stands in an Accept
/// (RFC 9110, 12.5.1); 0 when none does.
double quality_of(std::string_view accept, const std::array<std::string_view, 3>& ranges) noexcept {
    double found = 0;
    std::size_t specificity = ranges.size();
    while (!accept.empty()) {
        auto member = take(accept, ',');
        const auto range = take(member, ';');
        for (std::size_t index = 0; index < specificity; ++index) {
            if (!same(range, ranges.at(index))) continue;
            found = quality(member);
            specificity = index;
        }
    }
    return found;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) noexcept {
    std::optional<bool> gzip;
    bool any = false;
    while (!accept_encoding.empty()) {
        auto member = take(accept_encoding, ',');
        const auto name = take(member, ';');
        if (same(name, "gzip") || same(name, "x-gzip")) gzip = quality(member) > 0;
        if (name == "*") any = quality(member) > 0;
    }
    return gzip.value_or(any);
}

bool prefers_csv(std::string_view accept) noexcept {
    return quality_of(accept, {"text/csv", "text/*", "*/*"}) >
           quality_of(accept, {"application/json", "application/*", "*/*"});
}

std::string entity_tag(std::string_view body) {
    const auto hash = XXH3_128bits(body.data(), body.size());
    return fmt::format("\"{:016x}{:016x}\"", hash.high64, hash.low64);
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
