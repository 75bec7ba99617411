#include "erase/mentions.hpp"

#include "common/events/message_encoding.hpp"
#include "dlq/json_reader.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace events::erase {
namespace {

using nlohmann::json;

constexpr std::size_t kDistinctive = 8;
constexpr std::string_view kUserId = "userId";

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

/// Whether `text`, which ends before an id, ends as "userId":" does.
bool is_behind_key(std::string_view text) {
    const auto skip = [&](std::string_view characters) {
        const auto last = text.find_last_not_of(characters);
        text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
    };
    skip("\"' \t\r\n");
    if (!text.ends_with(':') && !text.ends_with('=')) return false;
    text.remove_suffix(1);
    skip("\"' \t\r\n\\");
    return text.ends_with(kUserId);
}

bool stands_in(std::string_view text, std::string_view id) {
    for (auto at = text.find(id); at != std::string_view::npos; at = text.find(id, at + 1)) {
        const auto end = at + id.size();
        const bool is_alone =
            (at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]));
        if (is_alone && (id.size() >= kDistinctive || is_behind_key(text.substr(0, at))))
            return true;
    }
    return false;
}

/// Calls `use` with each key and each value's text, and with the key that the value has, however
/// deep it stands: without recursion, since anybody wrote it.
template <typename Use>
void for_each_text(const json& root, const Use& use) {
    std::vector<std::pair<std::string_view, const json*>> open{{"", &root}};
    while (!open.empty()) {
        const auto [key, value] = open.back();
        open.pop_back();
        if (value->is_object()) {
            for (auto item = value->begin(); item != value->end(); ++item) {
                use("", item.key());
                open.emplace_back(item.key(), &*item);
            }
        } else if (value->is_array()) {
            for (const auto& element : *value) open.emplace_back(key, &element);
        } else if (value->is_string()) {
            use(key, value->get_ref<const std::string&>());
        } else if (key == kUserId) {
            use(key, value->dump());
        }
    }
}

}  // namespace

Mentions::Mentions(Persons persons) : persons_{persons} {
    for (std::size_t i = 0; i < persons.size(); ++i) {
        by_id_.emplace(persons[i].id, i);
        const auto text = json(persons[i].id).dump(-1, ' ', false, json::error_handler_t::replace);
        escaped_.push_back(text.substr(1, text.size() - 2));
    }
}

std::optional<std::size_t> Mentions::person_of(std::string_view id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? std::nullopt : std::optional{found->second};
}

std::set<std::size_t> Mentions::in(std::string_view text) const {
    std::set<std::size_t> found;
    if (in_json(text, found)) return found;
    for_each_line(text, [&](std::string_view line) {
        if (!in_json(line, found)) in_text(line, found);
    });
    return found;
}

bool Mentions::in_json(std::string_view text, std::set<std::size_t>& found) const {
    const auto value = dlq::read_json(text);
    if (!value) return false;
    for_each_text(*value, [&](std::string_view key, std::string_view id) {
        const auto person = person_of(id);
        if (person && (key == kUserId || id.size() >= kDistinctive)) found.insert(*person);
    });
    return true;
}

void Mentions::in_text(std::string_view text, std::set<std::size_t>& found) const {
    for (std::size_t i = 0; i < persons_.size(); ++i) {
        if (stands_in(text, persons_[i].id) || stands_in(text, escaped_[i])) found.insert(i);
    }
}

}  // namespace events::erase
