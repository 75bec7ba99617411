#pragma once

#include "common/expected.hpp"

#include <span>
#include <string>
#include <string_view>

namespace events::dlq {

/// The value of the option that `argument` is: behind its '=', or else the first of `rest`, which
/// is taken away then; empty where the option has none. Failure: what is wrong, as a sentence.
[[nodiscard]] Expected<std::string_view, std::string> take_value(
    std::string_view argument, bool has_value, std::span<const char* const>& rest);

}  // namespace events::dlq
