#include "common/config/variables_help.hpp"

#include <fmt/format.h>

#include <iterator>

namespace events::config {

std::string variables_help(std::span<const Variable> variables) {
    std::string text =
        "Configuration comes from environment variables only (default in brackets):\n\n";
    for (const auto& [name, default_text, description] : variables) {
        fmt::format_to(std::back_inserter(text), "  {} [{}]\n      {}\n", name, default_text,
                       description);
    }
    return text;
}

}  // namespace events::config
