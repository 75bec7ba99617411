#include "gateway/send_options.hpp"

#include "common/http/query_string.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace events::gateway {
namespace {

struct Parameter {
    std::string_view name;
    bool SendOptions::*value;
};

constexpr std::array kParameters{Parameter{"dryRun", &SendOptions::dry_run},
                                 Parameter{"strict", &SendOptions::strict}};

/// Small letters and nothing between them.
std::string plain(std::string_view name) {
    std::string letters;
    for (const auto c : name) {
        if (c == '_' || c == '-') continue;
        letters += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return letters;
}

std::optional<bool> read_bool(const std::optional<std::string>& text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
}

}  // namespace

Expected<SendOptions, std::vector<BadSendOption>> read_send_options(std::string_view query) {
    SendOptions options;
    std::vector<BadSendOption> bad;
    std::array<bool, kParameters.size()> is_given{};
    for (auto& [name, text] : http::split_query(query)) {
        const auto known = std::find_if(
            kParameters.begin(), kParameters.end(),
            [&, &given = name](const auto& each) { return plain(each.name) == plain(given); });
        if (known == kParameters.end()) continue;
        auto& before = is_given.at(static_cast<std::size_t>(known - kParameters.begin()));
        const auto value = read_bool(text);
        if (name != known->name) {
            bad.push_back({std::move(name), fmt::format("must be written {}", known->name)});
        } else if (std::exchange(before, true)) {
            bad.push_back({std::move(name), "must be given once"});
        } else if (!value) {
            bad.push_back({std::move(name), "must be true or false"});
        } else {
            options.*(known->value) = *value;
        }
    }
    if (!bad.empty()) return Unexpected<std::vector<BadSendOption>>{std::move(bad)};
    return options;
}

}  // namespace events::gateway
