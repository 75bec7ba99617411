#include "edit.hpp"

#include <nlohmann/json.hpp>

namespace events::test {
namespace {

using Json = nlohmann::ordered_json;

/// Stands for the raw text, which nlohmann would rewrite ("3e1") or refuse ("1e999").
constexpr std::string_view kPlaceholder = "@raw@";

Json::json_pointer pointer(std::string_view path) {
    return Json::json_pointer{"/" + replaced(std::string{path}, ".", "/")};
}

}  // namespace

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

std::string repeated(std::string_view text, std::size_t count) {
    std::string out;
    out.reserve(text.size() * count);
    for (std::size_t i = 0; i < count; ++i) out += text;
    return out;
}

std::string with(std::string_view json, std::string_view path, std::string_view raw) {
    auto document = Json::parse(json);
    document[pointer(path)] = kPlaceholder;
    return replaced(document.dump(), Json(kPlaceholder).dump(), raw);
}

std::string without(std::string_view json, std::string_view path) {
    auto document = Json::parse(json);
    const auto field = pointer(path);
    document.at(field.parent_pointer()).erase(field.back());
    return document.dump();
}

}  // namespace events::test
