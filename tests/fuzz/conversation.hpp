#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace events::fuzz {

/// One connection's life, as its client and the handlers saw it.
struct Transcript {
    std::vector<unsigned> statuses;    ///< of the final answers, in order
    std::vector<std::string> handled;  ///< method, query and body of each request handled, in order
};

/// Sends the text in pieces of that many bytes to a session with a router, ends the input, and
/// reads everything. Ends the program when an answer is malformed or the session does not end.
[[nodiscard]] Transcript converse(std::string_view text, std::size_t piece);

}  // namespace events::fuzz
