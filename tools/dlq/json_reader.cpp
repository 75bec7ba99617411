#include "dlq/json_reader.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace events::dlq {
namespace {

/// JSON has a NUL nowhere, not even in a string.
bool has_nul(std::string_view text) noexcept {
    return text.find('\0') != std::string_view::npos;
}

}  // namespace

bool is_json(std::string_view text) {
    return !has_nul(text) && nlohmann::json::accept(text);
}

std::optional<nlohmann::json> read_json(std::string_view text) {
    if (has_nul(text)) return std::nullopt;
    auto value = nlohmann::json::parse(text, nullptr, false);
    if (value.is_discarded()) return std::nullopt;
    return value;
}

}  // namespace events::dlq
