#pragma once

#include <string>
#include <string_view>

namespace events::reporter {

/// web/openapi.json with what sources() say in place of its {{words}}: "{{sources}}", with its
/// quotes, is a JSON value; {{titles}} within a text is text. Pure.
[[nodiscard]] std::string describe_api(std::string_view text);

}  // namespace events::reporter
