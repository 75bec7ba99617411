#include "common/events/vocabulary.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace events {
namespace {

/// What every event has, in the order of Field.
constexpr std::array<std::string_view, 9> kCommonPaths{
    "eventId", "timestamp", "source",          "funnelStage",     "eventType",
    "data",    "data.user", "data.engagement", "data.user.userId"};

std::vector<std::string> common_paths() {
    return {kCommonPaths.begin(), kCommonPaths.end()};
}

/// The paths of a stage's events in the order of the description.
std::vector<std::string> paths_of(Source source, FunnelStage stage) {
    auto paths = common_paths();
    for (const auto& field : source.fields()) {
        if (field.is_in(stage)) paths.push_back("data." + std::string{field.path});
    }
    return paths;
}

std::string_view parent_of(std::string_view path) {
    const auto dot = path.rfind('.');
    return dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot);
}

}  // namespace

/// A field that is an object where it has others inside.
struct Vocabulary::Node {
    std::string path;
    std::vector<Node> inside;

    void add(std::string_view whole, std::size_t begin) {
        const auto end = std::min(whole.find('.', begin), whole.size());
        const auto child_path = whole.substr(0, end);
        auto child = std::ranges::find(inside, child_path, &Node::path);
        if (child == inside.end()) {
            inside.push_back({std::string{child_path}, {}});
            child = std::prev(inside.end());
        }
        if (end < whole.size()) child->add(whole, end + 1);
    }
};

void Vocabulary::Likely::add(Field field) noexcept {
    const auto number = static_cast<std::uint8_t>(field);
    const auto* end = fields.begin() + count;
    if (std::find(fields.cbegin(), end, number) == end && count < fields.size()) {
        fields[count++] = number;
    }
}

Vocabulary::Vocabulary(std::span<const Source> sources) {
    std::vector<std::vector<std::string>> orders{common_paths()};
    for (const auto source : sources) {
        for (const auto stage : {FunnelStage::top, FunnelStage::bottom}) {
            orders.push_back(paths_of(source, stage));
        }
    }
    Node event;
    for (const auto& paths : orders) {
        for (const auto& path : paths) event.add(path, 0);
    }
    paths_.emplace_back();
    inside_.emplace_back();
    below_.emplace_back();
    add(event);
    if (paths_.size() > std::numeric_limits<std::uint8_t>::max()) {
        throw std::length_error{"the sources have too many fields"};
    }
    for (const std::string_view path : paths_) {
        keys_.push_back(path.substr(path.rfind('.') + 1));  // npos + 1 is 0
    }
    first_.resize(size());
    next_.resize(size());
    for (std::size_t i = 1; i < orders.size(); ++i) learn_order(orders[i]);
}

const Vocabulary& Vocabulary::of_sources() {
    static const Vocabulary kVocabulary{sources()};
    return kVocabulary;
}

std::optional<Field> Vocabulary::find_path(std::string_view path) const noexcept {
    const auto found = std::ranges::find(paths_, path);
    if (found == paths_.end()) return std::nullopt;
    return Field{static_cast<std::uint8_t>(found - paths_.begin())};
}

Field Vocabulary::object_of(Field field) const noexcept {
    const auto object = std::ranges::find_if(inside_, [&](const FieldRange& inside) {
        return inside.first <= index_of(field) && index_of(field) < inside.end;
    });
    if (object == inside_.end()) return Field::event;
    return Field{static_cast<std::uint8_t>(object - inside_.begin())};
}

/// Adds what is inside of an object, which is the last one that has nothing inside so far.
void Vocabulary::add(const Node& object) {
    const auto place = index_of(find_path(object.path).value());
    const auto first = paths_.size();
    for (const auto& child : object.inside) {
        paths_.push_back(child.path);
        inside_.emplace_back();
        below_.emplace_back();
    }
    inside_[place] = {first, paths_.size()};
    for (const auto& child : object.inside) add(child);
    below_[place] = {first, paths_.size()};
}

void Vocabulary::learn_order(std::span<const std::string> paths) {
    std::vector<bool> is_known(size());
    std::vector<std::optional<Field>> last(size());  // in each object
    is_known[index_of(Field::event)] = true;
    const auto learn = [&](std::string_view path, const auto& self) -> Field {
        const auto field = find_path(path).value();
        if (is_known[index_of(field)]) return field;
        is_known[index_of(field)] = true;
        const auto object = self(parent_of(path), self);
        auto& previous = last[index_of(object)];
        (previous ? next_[index_of(*previous)] : first_[index_of(object)]).add(field);
        previous = field;
        return field;
    };
    for (const auto& path : paths) learn(path, learn);
}

}  // namespace events
