#pragma once

#include "checker.hpp"
#include "e2e/stack.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace events::test {

/// The reason code of each dead letter, by the id of its event. Failure: std::runtime_error.
[[nodiscard]] std::unordered_map<std::string, std::string> read_dead_letters(
    const std::string& nats_url);

/// The rows of both tables, how many of each id.
[[nodiscard]] std::unordered_map<std::string, std::uint64_t> read_rows(const std::string& database);

/// The reporter's answers to choose_questions(), and the same counted from the rows. The daemons
/// must be idle.
void read_figures(Stack& stack, std::uint64_t seed, Found& found);

/// What is left where a partition's segments and its rows are held against each other: a text for
/// each partition that differs, or is not built.
[[nodiscard]] std::vector<std::string> compare_segments(const std::string& database);

}  // namespace events::test
