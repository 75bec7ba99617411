#pragma once

#include "common/expected.hpp"
#include "dlq/letter.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace events::dlq {

/// Whether only ASCII is written, which a terminal takes without harm.
enum class Charset : std::uint8_t { utf8, ascii };

/// A letter as one line of an export, without a line break:
/// {"sequence":7,"subject":"dead.gateway","failedAt":"...","code":"...","reason":"...",
/// "path":"...","correlationId":"...","originalBytes":300000,"raw":"..."}. `originalBytes` only
/// where it was cut; `rawBase64` instead of `raw` where the bytes are not UTF-8.
[[nodiscard]] std::string export_line(const Letter& letter, Charset charset);

/// The same with `bytes` and `start`, the readable beginning, instead of the bytes themselves.
[[nodiscard]] std::string list_line(const Letter& letter, Charset charset);

/// What of an export's line counts when it comes back.
struct EditedLetter {
    std::uint64_t sequence;
    std::optional<std::string> failed_at;  ///< as it stands there
    std::string raw;
};

/// Reads a line of an export, perhaps changed by hand. The error says what is wrong with it.
[[nodiscard]] Expected<EditedLetter, std::string> parse_export_line(std::string_view line);

}  // namespace events::dlq
