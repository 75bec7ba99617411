#pragma once

#include "common/events/event.hpp"
#include "common/segments/record.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace events::erase {

struct Person {
    explicit Person(std::string user_id) : id{std::move(user_id)}, key{segments::user_key(id)} {}

    std::string id;         ///< userId, as the events have it
    segments::UserKey key;  ///< as segments have it
};

using Persons = std::span<const Person>;

/// Their ids as text[] reads them.
[[nodiscard]] std::string ids_literal(Persons persons);

/// Of a person in one source.
struct Found {
    std::int64_t rows = 0;
    std::int64_t letters = 0;
    std::int64_t waiting_events = 0;

    [[nodiscard]] bool any() const noexcept { return rows + letters + waiting_events > 0; }
};

/// A person in one source.
struct Target {
    std::size_t person = 0;  ///< place in Persons
    Source source;
    std::int64_t entry = 0;  ///< of the ledger; 0: none
    Found found{};
};

/// Each of the persons in each of the sources.
[[nodiscard]] std::vector<Target> targets_of(Persons persons, std::span<const Source> sources);
/// The one of that person and source, or of that person where there is none.
[[nodiscard]] Target& target_of(std::vector<Target>& targets, std::size_t person, Source source);

}  // namespace events::erase
