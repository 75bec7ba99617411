#pragma once

#include "dlq/letter.hpp"
#include "dlq/letter_json.hpp"

#include <cstdint>
#include <string>

namespace events::dlq {

// What the commands print of letters, whose texts may be anything: every line is safe for a
// terminal (printable()), and ends with a line break.

/// The fields of a letter, a line each, and its bytes as view_of() lays them out.
[[nodiscard]] std::string describe(const Letter& letter);

/// A table of letters, a line each.
[[nodiscard]] std::string list_header();
[[nodiscard]] std::string list_row(const Letter& letter);

/// The letters of one code and subject.
struct Group {
    std::string code;
    std::string subject;
    std::uint64_t letters = 0;
    std::uint64_t bytes = 0;
    Timestamp first = Timestamp::max();
    Timestamp last = Timestamp::min();
};

/// A table of groups, a line each; and a group as a line of JSON.
[[nodiscard]] std::string summary_header();
[[nodiscard]] std::string summary_row(const Group& group);
[[nodiscard]] std::string summary_json(const Group& group, Charset charset);

}  // namespace events::dlq
