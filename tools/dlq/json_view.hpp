#pragma once

#include <string>
#include <string_view>

namespace events::dlq {

/// The bytes of a letter for a terminal: laid out when they are JSON, with "> " before the line
/// that `path` ("data.user.age") names, or before the innermost one there is on the way to it. What
/// is not JSON, or nested too deeply to be laid out, is shown as it came. Either way only text that
/// is safe to print, two columns in, ended by a line break.
[[nodiscard]] std::string view_of(std::string_view raw, std::string_view path);

}  // namespace events::dlq
