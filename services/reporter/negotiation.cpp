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

}  // namespace events::reporter
