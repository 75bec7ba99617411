#pragma once

#include "common/segments/encode.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Values as PostgreSQL writes and reads them, exactly. Pure.
namespace events::postgres {

/// A time of segment_store.hpp as timestamptz reads it.
[[nodiscard]] std::string time_text(std::int64_t microseconds);

/// An expression that gives the timestamptz `expression`, which is not NULL, as a bigint: such a
/// time.
[[nodiscard]] std::string microseconds_of(std::string_view expression);

/// Cents as numeric has them: 1250 is "12.50".
[[nodiscard]] std::string amount_text(segments::Cents128 cents);

/// The other way round, of any number of digits; nothing for what is no whole number of cents.
[[nodiscard]] std::optional<segments::Cents128> read_amount(std::string_view text);

/// What bytea's text ("\x0a…") says, as the server writes it.
[[nodiscard]] std::vector<std::byte> read_bytea(std::string_view text);

}  // namespace events::postgres
