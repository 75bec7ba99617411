#include "common/config/environment.hpp"

#include "common/config/text.hpp"

#include <unistd.h>

#include <utility>

namespace events::config {

Environment::Environment(std::map<std::string, std::string, std::less<>> variables)
    : variables_{std::move(variables)} {}

Environment Environment::of_process() {
    std::map<std::string, std::string, std::less<>> variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text{*entry};
        const auto equals = text.find('=');
        if (equals != std::string_view::npos) {
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return Environment{std::move(variables)};
}

std::optional<std::string> Environment::find(std::string_view name) const {
    const auto found = variables_.find(name);
    if (found == variables_.end()) return std::nullopt;
    const auto text = trimmed(found->second);
    if (text.empty()) return std::nullopt;
    return std::string{text};
}

bool Environment::has(std::string_view name) const {
    const auto found = variables_.find(name);
    return found != variables_.end() && !found->second.empty();
}

std::vector<std::string_view> Environment::names() const {
    std::vector<std::string_view> names;
    for (const auto& [name, value] : variables_) {
        if (!value.empty()) names.push_back(name);
    }
    return names;
}

}  // namespace events::config
