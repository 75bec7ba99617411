#include "options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace events::test {
namespace {

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || rest != end) return std::nullopt;
    return number;
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto comma = text.find(',');
        parts.emplace_back(text.substr(0, comma));
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    return parts;
}

bool is_kind(const std::string& name) {
    return std::ranges::any_of(fault_kinds(), [&](const auto& kind) { return kind.name == name; });
}

}  // namespace

std::string RunOptions::arguments() const {
    auto text = fmt::format("--seed {}", seed);
    if (duration) text += fmt::format(" --seconds {}", duration->count());
    if (!kinds.empty()) text += fmt::format(" --kinds {}", fmt::join(kinds, ","));
    if (cluster) text += " --cluster";
    if (upkeep) text += " --upkeep";
    return text;
}

Expected<RunOptions, std::string> parse_options(std::span<const char* const> arguments) {
    using Refusal = Unexpected<std::string>;
    RunOptions options;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view name{arguments[i]};
        const std::string_view value{i + 1 < arguments.size() ? arguments[i + 1] : ""};
        if (name == "--list") {
            options.list = true;
        } else if (name == "--cluster") {
            options.cluster = true;
        } else if (name == "--upkeep") {
            options.upkeep = true;
        } else if (name == "--help") {
            options.help = true;
        } else if (name == "--seed" || name == "--seconds") {
            const auto number = parse_number(value);
            if (!number) return Refusal{fmt::format("{} needs a number", name)};
            if (name == "--seed") {
                options.seed = *number;
            } else {
                options.duration = std::chrono::seconds{*number};
            }
            ++i;
        } else if (name == "--kinds") {
            options.kinds = split(value);
            for (const auto& kind : options.kinds) {
                if (!is_kind(kind)) return Refusal{fmt::format("no such kind: '{}'", kind)};
            }
            ++i;
        } else {
            return Refusal{fmt::format("unknown argument {}", name)};
        }
    }
    return options;
}

std::vector<FaultKind> possible_kinds(const RunOptions& options, bool disks, bool read_only) {
    std::vector<FaultKind> kinds;
    for (auto kind : fault_kinds()) {
        const bool wanted =
            options.kinds.empty() || std::ranges::count(options.kinds, kind.name) > 0;
        if (!wanted || (kind.needs_disks && (!disks || options.cluster))) continue;
        if (kind.needs_read_only_disks && !read_only) continue;
        if (kind.needs_cluster && !options.cluster) continue;
        if (kind.is_upkeep && options.upkeep) continue;
        // A cluster's nodes have a kind of their own, and no proxies before them.
        if (options.cluster) {
            std::erase_if(kind.targets, [](auto target) { return target.ends_with("nats"); });
        }
        if (!kind.targets.empty()) kinds.push_back(std::move(kind));
    }
    return kinds;
}

}  // namespace events::test
