#include "erase/letters.hpp"

#include "common/nats/topology.hpp"
#include "dlq/json_reader.hpp"

#include <nlohmann/json.hpp>

namespace events::erase {

std::optional<Source> source_of(const dlq::Letter& letter) {
    for (const auto source : sources()) {
        if (letter.subject == source.dead_letter_subject()) return source;
    }
    const auto value = dlq::read_json(letter.raw);
    if (!value || !value->is_object()) return std::nullopt;
    const auto source = value->find("source");
    if (source == value->end() || !source->is_string()) return std::nullopt;
    return find_source(source->get_ref<const std::string&>());
}

bool find_letters(
    dlq::Letters& letters, const Mentions& mentions, std::optional<Source> source,
    const std::function<void(const dlq::Letter&, const std::set<std::size_t>& persons)>& use) {
    const dlq::Filter all;
    auto reader = letters.read(all, dlq::Parts::all);
    while (const auto letter = reader.next()) {
        if (letters.interrupted()) return false;
        const auto persons = mentions.in(letter->raw);
        if (persons.empty()) continue;
        if (source && source_of(*letter).value_or(*source) != *source) continue;
        use(*letter, persons);
    }
    return !letters.interrupted();
}

}  // namespace events::erase
