#pragma once

#include "common/expected.hpp"
#include "dlq/letter_json.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace events::dlq {

/// Corrected letters by their sequence.
using EditedLetters = std::map<std::uint64_t, EditedLetter>;

/// Reads a corrected export as a whole, so that nothing of a file with a slip in it is applied.
/// The error names every line that is wrong.
[[nodiscard]] Expected<EditedLetters, std::vector<std::string>> read_edited(
    const std::string& file_name);

}  // namespace events::dlq
