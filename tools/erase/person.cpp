#include "erase/person.hpp"

#include "common/postgres/array_literal.hpp"

#include <algorithm>

namespace events::erase {

std::string ids_literal(Persons persons) {
    postgres::ArrayLiteral ids;
    for (const auto& person : persons) ids.add(std::string_view{person.id});
    return ids.text();
}

std::vector<Target> targets_of(Persons persons, std::span<const Source> sources) {
    std::vector<Target> targets;
    for (std::size_t person = 0; person < persons.size(); ++person) {
        for (const auto source : sources) targets.push_back({.person = person, .source = source});
    }
    return targets;
}

Target& target_of(std::vector<Target>& targets, std::size_t person, Source source) {
    const auto exact = std::ranges::find_if(targets, [&](const Target& target) {
        return target.person == person && target.source == source;
    });
    if (exact != targets.end()) return *exact;
    return *std::ranges::find(targets, person, &Target::person);
}

}  // namespace events::erase
