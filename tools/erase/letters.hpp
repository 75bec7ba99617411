#pragma once

#include "dlq/letters.hpp"
#include "erase/mentions.hpp"

#include <functional>
#include <optional>
#include <set>
#include <vector>

namespace events::erase {

/// Calls `use` for each dead letter that one of the persons is mentioned in, with who that is. Of
/// one source: the letters of its collector, and the gateway's but for those that name the other
/// one. False when it was interrupted. Failure: nats::Error.
bool find_letters(
    dlq::Letters& letters, const Mentions& mentions, std::optional<Source> source,
    const std::function<void(const dlq::Letter&, const std::set<std::size_t>& persons)>& use);

/// The source of a letter's event; nothing where it does not tell.
[[nodiscard]] std::optional<Source> source_of(const dlq::Letter& letter);

}  // namespace events::erase
