#include "common/http/entity_tag.hpp"

#include <fmt/format.h>
#include <xxhash.h>

namespace events::http {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::string entity_tag(std::string_view body) {
    const auto hash = XXH3_128bits(body.data(), body.size());
    return fmt::format("\"{:016x}{:016x}\"", hash.high64, hash.low64);
}

bool matches_entity_tag(std::string_view if_none_match, std::string_view tag) {
    // Our tags hold no comma, so one of another server's that does can't be mistaken for ours.
    while (!if_none_match.empty()) {
        const auto comma = if_none_match.find(',');
        auto candidate = trimmed(if_none_match.substr(0, comma));
        if (candidate.starts_with("W/")) candidate.remove_prefix(2);
        if (candidate == "*" || candidate == tag) return true;
        if (comma == std::string_view::npos) break;
        if_none_match.remove_prefix(comma + 1);
    }
    return false;
}

}  // namespace events::http
