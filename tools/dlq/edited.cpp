#include "dlq/edited.hpp"

#include "common/events/json_text.hpp"

#include <fmt/format.h>

#include <fstream>
#include <utility>

namespace events::dlq {

Expected<EditedLetters, std::vector<std::string>> read_edited(const std::string& file_name) {
    std::ifstream file{file_name, std::ios::binary};
    std::vector<std::string> problems;
    if (!file.is_open()) problems.push_back("it can not be read");
    EditedLetters letters;
    std::uint64_t number = 0;
    for (std::string text; std::getline(file, text);) {
        ++number;
        if (json::trim(text).empty()) continue;
        auto edited = parse_export_line(text);
        if (!edited) {
            problems.push_back(fmt::format("line {}: {}", number, edited.error()));
            continue;
        }
        const auto sequence = edited->sequence;
        if (!letters.emplace(sequence, std::move(*edited)).second) {
            problems.push_back(
                fmt::format("line {}: letter {} has a line already", number, sequence));
        }
    }
    if (file.bad()) problems.push_back("it can not be read to its end");
    if (!problems.empty()) return Unexpected<std::vector<std::string>>{std::move(problems)};
    return letters;
}

}  // namespace events::dlq
