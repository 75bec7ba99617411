#pragma once

#include "erase/erasure.hpp"
#include "erase/ledger.hpp"

#include <span>
#include <string>

namespace events::erase {

// What the program prints: lines, each with its line break. No id of a person is in them: what is
// printed is kept, in a ticket or a log. Several persons are told apart by their place among those
// that were given, from 1.

[[nodiscard]] std::string erased_text(const Outcome& outcome, bool json);
/// `is_check`: what is there, else what would be removed.
[[nodiscard]] std::string inventory_text(const Inventory& inventory, bool is_check, bool json);
[[nodiscard]] std::string ledger_text(std::span<const LedgerLine> lines, bool json);

}  // namespace events::erase
