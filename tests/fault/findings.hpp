#pragma once

#include "checker.hpp"
#include "e2e/stack.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

namespace events::test {

/// The reason code of each dead letter, by the id of its event. Failure: std::runtime_error.
[[nodiscard]] std::unordered_map<std::string, std::string> read_dead_letters(
    const std::string& nats_url);

/// The rows of both tables, how many of each id.
[[nodiscard]] std::unordered_map<std::string, std::uint64_t> read_rows(const std::string& database);

/// The reporter's figures over the whole history and over some ranges that `seed` chooses, and the
/// same counted from the rows. The daemons must be idle.
void read_figures(Stack& stack, std::uint64_t seed, Found& found);

}  // namespace events::test
