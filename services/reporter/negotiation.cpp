#include "reporter/negotiation.hpp"

#include "common/http/field_values.hpp"

#include <boost/beast/core/string.hpp>
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>

namespace events::reporter {
namespace {

using http::quality;
using http::take_member;
using http::trimmed;

bool same(std::string_view left, std::string_view right) noexcept {
    return boost::beast::iequals({left.data(), left.size()}, {right.data(), right.size()});
}

/// The quality of a media type by the most specific of its ranges that stands in an Accept
/// (RFC 9110, 12.5.1); 0 when none does.
double quality_of(std::string_view accept, const std::array<std::string_view, 3>& ranges) noexcept {
    double found = 0;
    std::size_t specificity = ranges.size();
    while (!accept.empty()) {
        auto member = take_member(accept, ',');
        const auto range = take_member(member, ';');
        for (std::size_t index = 0; index < specificity; ++index) {
            if (!same(range, ranges.at(index))) continue;
            found = quality(member);
            specificity = index;
        }
    }
    return found;
}

}  // namespace

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
        auto candidate = take_member(if_none_match, ',');
        if (candidate.starts_with("W/")) candidate.remove_prefix(2);
        if (candidate == tag) return true;
    }
    return false;
}

}  // namespace events::reporter
