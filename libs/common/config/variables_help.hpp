#pragma once

#include "common/config/env_reader.hpp"

#include <span>
#include <string>

namespace events::config {

/// The last part of a program's --help: each variable with its default.
[[nodiscard]] std::string variables_help(std::span<const Variable> variables);

}  // namespace events::config
