#pragma once

#include <string_view>

namespace events::reporter {

/// Whether an Accept-Encoding allows gzip, by its name or by "*", with a quality above 0. Pure.
[[nodiscard]] bool accepts_gzip(std::string_view accept_encoding) noexcept;

/// Whether an If-None-Match is "*" or lists `tag` (with its quotes), weak or strong. Pure.
[[nodiscard]] bool matches_tag(std::string_view if_none_match, std::string_view tag) noexcept;

}  // namespace events::reporter
