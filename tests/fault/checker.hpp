#pragma once

#include "ledger.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace events::test {

/// What is there at the end.
struct Found {
    std::unordered_map<std::string, std::uint64_t> rows;        ///< over both tables, by event id
    std::unordered_map<std::string, std::string> dead_letters;  ///< reason code, by event id
    std::map<std::string, std::string> reported;                ///< the reporter's figures, by name
    std::map<std::string, std::string> recounted;               ///< the same, counted row by row
};

/// Each list holds event ids, or names of figures, in order.
struct Verdict {
    std::uint64_t sent = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t erased = 0;
    std::uint64_t stored = 0;         ///< ids with a row
    std::uint64_t dead_lettered = 0;  ///< ids with a dead letter

    std::vector<std::string> lost;        ///< acknowledged, and neither stored nor dead-lettered
    std::vector<std::string> doubled;     ///< more than one row, or a row and a dead letter
    std::vector<std::string> unerased;    ///< erased, and stored or dead-lettered all the same
    std::vector<std::string> invented;    ///< a row or a dead letter of what was never sent
    std::vector<std::string> misplaced;   ///< stored for dead-lettered, or the other way round
    std::vector<std::string> unreasoned;  ///< a dead letter that doesn't say why
    std::vector<std::string> wrong_sums;  ///< a figure of the reporter that is not the recount

    [[nodiscard]] bool good() const {
        return lost.empty() && doubled.empty() && unerased.empty() && invented.empty() &&
               misplaced.empty() && unreasoned.empty() && wrong_sums.empty();
    }
};

/// Holds what is there against what was sent, as Jepsen's test of a set does. Pure.
[[nodiscard]] Verdict check(const SentEvents& sent, const Found& found);

}  // namespace events::test
