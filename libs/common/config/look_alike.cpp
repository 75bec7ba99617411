#include "common/config/look_alike.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <string>
#include <vector>

namespace events::config {
namespace {

std::string letters_of(std::string_view name) {
    std::string letters;
    for (const char c : name) {
        if (c != '_') letters += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return letters;
}

/// Letters to insert, drop, replace, or swap with their neighbour (optimal string alignment).
std::size_t distance(std::string_view from, std::string_view to) {
    std::vector<std::vector<std::size_t>> steps(from.size() + 1,
                                                std::vector<std::size_t>(to.size() + 1));
    for (std::size_t i = 0; i <= from.size(); ++i) {
        for (std::size_t j = 0; j <= to.size(); ++j) {
            if (i == 0 || j == 0) {
                steps[i][j] = i + j;
                continue;
            }
            const std::size_t replaced = from[i - 1] == to[j - 1] ? 0 : 1;
            steps[i][j] = std::min(
                {steps[i - 1][j] + 1, steps[i][j - 1] + 1, steps[i - 1][j - 1] + replaced});
            if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
                steps[i][j] = std::min(steps[i][j], steps[i - 2][j - 2] + 1);
            }
        }
    }
    return steps.back().back();
}

/// A short name is a letter away from too many others.
std::size_t tolerated(std::size_t length) {
    if (length < 5) return 0;
    return length < 8 ? 1 : 2;
}

bool continues(std::string_view name, std::string_view start) {
    return start.find('_') != std::string_view::npos && name.size() > start.size() &&
           name.starts_with(start) && name[start.size()] == '_';
}

}  // namespace

bool looks_like(std::string_view name, std::string_view known) {
    const auto ours = letters_of(known);
    const auto theirs = letters_of(name);
    return distance(theirs, ours) <= tolerated(std::min(ours.size(), theirs.size())) ||
           continues(name, known) || continues(known, name);
}

}  // namespace events::config
