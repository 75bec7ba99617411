#pragma once

#include "common/events/parser.hpp"

#include <string_view>

namespace events::fuzz {

/// A moment behind the samples' timestamps, as a gateway's clock gives it.
[[nodiscard]] Timestamp latest();

/// What holds for any body that has been taken apart: the parts lie in it, in order; no two
/// overlap; and the collectors read every accepted event from the messages that are made of them.
void check_parts(const ParsedBody& parsed, std::string_view body);

}  // namespace events::fuzz
