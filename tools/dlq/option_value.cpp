#include "dlq/option_value.hpp"

#include <fmt/format.h>

namespace events::dlq {

Expected<std::string_view, std::string> take_value(std::string_view argument, bool has_value,
                                                   std::span<const char* const>& rest) {
    const auto name = argument.substr(0, argument.find('='));
    if (name.size() < argument.size()) {
        if (has_value) return argument.substr(name.size() + 1);
        return Unexpected<std::string>{fmt::format("{} takes no value", name)};
    }
    if (!has_value) return std::string_view{};
    if (rest.empty()) return Unexpected<std::string>{fmt::format("{} needs a value", name)};
    const std::string_view value = rest.front();
    rest = rest.subspan(1);
    return value;
}

}  // namespace events::dlq
