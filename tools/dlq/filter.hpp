#pragma once

#include "dlq/letter.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace events::dlq {

/// Inclusive.
struct SequenceRange {
    std::uint64_t first;
    std::uint64_t last;
};

/// Reads "7", "7-9" or "7,9-12,20-": ranges of sequences, the last one perhaps without an end.
/// Nothing for everything else, and for sequence 0, which no message has.
[[nodiscard]] std::optional<std::vector<SequenceRange>> parse_sequences(std::string_view text);

/// Which letters a command is about: those that every part that is set agrees to.
struct Filter {
    std::vector<std::string> codes;
    std::string subject;             ///< of who gave them up, see find_subject(); empty: any
    std::optional<Timestamp> since;  ///< inclusive, by the time that the letter says it failed at
    std::optional<Timestamp> until;  ///< inclusive
    std::optional<std::string> correlation_id;
    std::vector<SequenceRange> sequences;

    [[nodiscard]] bool empty() const noexcept {
        return codes.empty() && subject.empty() && !since && !until && !correlation_id &&
               sequences.empty();
    }
    [[nodiscard]] bool matches(const Letter& letter) const;

    /// The smallest range that holds all of `sequences`.
    [[nodiscard]] SequenceRange span() const noexcept;
};

}  // namespace events::dlq
