#pragma once

#include "erase/person.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace events::erase {

/// Finds persons' ids in texts that are no valid events: dead letters. Pure; single-threaded.
///
/// In JSON (and in each line of NDJSON that is JSON) an id is a string, or the userId's number. An
/// id of less than 8 characters must be the userId: "1" or "male" stands in many events that are
/// somebody else's. In other text an id stands between two characters that are not part of a word,
/// a short one behind "userId".
class Mentions {
  public:
    explicit Mentions(Persons persons);

    /// Places in Persons, ascending.
    [[nodiscard]] std::set<std::size_t> in(std::string_view text) const;

    /// The person whose id is exactly this.
    [[nodiscard]] std::optional<std::size_t> person_of(std::string_view id) const;

  private:
    [[nodiscard]] bool in_json(std::string_view text, std::set<std::size_t>& found) const;
    void in_text(std::string_view text, std::set<std::size_t>& found) const;

    Persons persons_;
    std::unordered_map<std::string_view, std::size_t> by_id_;
    std::vector<std::string> escaped_;  ///< as JSON has them between its quotes
};

}  // namespace events::erase
