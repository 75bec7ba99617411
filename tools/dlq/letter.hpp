#pragma once

#include "common/events/rejection.hpp"
#include "common/events/timestamp.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace events::nats {
class StoredMessage;
}

namespace events::dlq {

/// The subject of the letters of whoever gave events up, "gateway" or a source's name; null for
/// any other name.
[[nodiscard]] const char* find_subject(std::string_view giver) noexcept;
/// Those names, e.g. "gateway|facebook|tiktok".
[[nodiscard]] std::string giver_names();

/// The code of that wire name; nothing when there is none.
[[nodiscard]] std::optional<RejectionCode> parse_code(std::string_view name) noexcept;

/// A dead letter (contract, section 5). Its texts come from whoever may publish to the broker:
/// nothing in them is to be trusted, see printable().
struct Letter {
    std::uint64_t sequence = 0;
    std::string subject;
    Timestamp failed_at{};  ///< when the broker stored it, where the letter does not say
    std::string code;
    std::string reason;
    std::string path;
    std::string correlation_id;
    std::string traceparent;  ///< empty: its sender does not trace
    std::string message_id;
    std::optional<std::uint64_t> original_bytes;  ///< it was cut; so many there were
    std::optional<Timestamp> received_at;  ///< when the gateway took the event, if that is known
    std::uint64_t bytes = 0;               ///< of `raw`, also where it was not read
    std::string raw;
};

[[nodiscard]] Letter letter_of(const nats::StoredMessage& message);

/// A message's header by its name; nothing where it has none.
using HeaderLookup = std::function<std::optional<std::string_view>(const char* name)>;

/// Fills in what a letter's headers say.
void read_headers(Letter& letter, const HeaderLookup& header);

}  // namespace events::dlq
