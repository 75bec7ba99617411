#include "common/config/env_reader.hpp"

#include "common/config/look_alike.hpp"
#include "common/config/text.hpp"
#include "common/config/values.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace events::config {
namespace {

/// The parts between commas and line breaks that are not empty.
std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(",\n"), text.size());
        if (const auto part = trimmed(text.substr(0, end)); !part.empty()) parts.push_back(part);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

/// Visible ASCII. A quote or a semicolon is what is left of a list that was written for another
/// reader: a key that holds one would never be the sender's.
bool is_key(std::string_view text) {
    constexpr std::string_view kSyntax = "\"';";
    return text.size() >= kMinKeyLength && std::ranges::all_of(text, [&](char c) {
               return c > ' ' && c < 0x7F && kSyntax.find(c) == std::string_view::npos;
           });
}

/// The path of a secret's file, unless it may be the secret itself.
std::string_view shown_path(std::string_view path) {
    return path.starts_with('/') || path.starts_with('.') ? path : "***";
}

/// Whether files can be made in the folder, or the folder be made first.
bool is_writable_folder(const std::string& path) {
    std::error_code error;
    auto folder = std::filesystem::absolute(path, error);
    while (!std::filesystem::exists(folder, error) && folder.has_relative_path()) {
        folder = folder.parent_path();
    }
    return std::filesystem::is_directory(folder, error) &&
           ::access(folder.c_str(), W_OK | X_OK) == 0;
}

}  // namespace

std::optional<std::string> EnvReader::lookup(std::string_view name, std::string_view fallback_text,
                                             std::string_view description) {
    variables_.push_back({std::string{name}, std::string{fallback_text}, std::string{description}});
    return find(name);
}

std::optional<std::string> EnvReader::find(std::string_view name) {
    known_.emplace(name);
    return environment_.find(name);
}

std::vector<std::string> EnvReader::warnings() const {
    auto warnings = warnings_;
    for (const auto name : environment_.names()) {
        if (known_.contains(name)) continue;
        const auto meant = std::ranges::find_if(
            known_, [&](const std::string& known) { return looks_like(name, known); });
        if (meant == known_.end()) continue;
        warnings.push_back(
            fmt::format("{}: this variable is not read; {} may be meant", name, *meant));
    }
    return warnings;
}

void EnvReader::problem(std::string_view name, std::string_view value, std::string_view expected) {
    problems_.push_back(fmt::format("{}: \"{}\" is not {}", name, shown(value), expected));
}

void EnvReader::warning(std::string_view name, std::string_view text) {
    warnings_.push_back(fmt::format("{}: {}", name, text));
}

std::string EnvReader::text(std::string_view name, std::string_view fallback,
                            std::string_view description) {
    return lookup(name, fallback, description).value_or(std::string{fallback});
}

Secret EnvReader::secret(std::string_view name, std::string_view fallback,
                         std::string_view description) {
    const auto file_variable = fmt::format("{}_FILE", name);
    const auto value = lookup(name, fallback, fmt::format("{}; or {}", description, file_variable));
    const auto path = find(file_variable);
    if (value && path) {
        problems_.push_back(
            fmt::format("{} and {} are both set: only one of them may be", name, file_variable));
    }
    if (!path) return Secret{value.value_or(std::string{fallback})};

    auto secret = Secret::of_file(*path);
    if (secret) return std::move(*secret);
    problem(file_variable, shown_path(*path), secret.error());
    return Secret{std::string{fallback}};
}

std::vector<Secret> EnvReader::keys(std::string_view name, std::string_view description) {
    const auto before = problems_.size();
    const auto text = secret(name, "", description);
    const auto file_variable = fmt::format("{}_FILE", name);
    const bool given = environment_.has(name) || environment_.has(file_variable);
    if (!given || problems_.size() > before) return {};

    const auto parts = split(text.reveal());
    if (parts.empty() || !std::ranges::all_of(parts, is_key)) {
        problem(name, "***",
                fmt::format("a list of keys of {} or more visible ASCII characters each, without "
                            "quotes, separated by commas or line breaks (not by semicolons)",
                            kMinKeyLength));
        return {};
    }
    std::vector<Secret> keys;
    keys.reserve(parts.size());
    for (const auto part : parts) keys.emplace_back(std::string{part});
    return keys;
}

std::optional<Secret> EnvReader::key(std::string_view name, std::string_view description) {
    auto found = keys(name, description);
    if (found.size() > 1) problem(name, "***", "one key");
    if (found.size() != 1) return std::nullopt;
    return std::move(found.front());
}

std::string EnvReader::file(std::string_view name, std::string_view description) {
    auto path = lookup(name, "", description).value_or("");
    if (path.empty()) return path;
    // A folder opens, and only then can't be read.
    std::ifstream file{path, std::ios::binary};
    if (!file.is_open() || (file.peek(), file.bad())) {
        problem(name, path, "a file that can be read");
    }
    return path;
}

std::string EnvReader::folder(std::string_view name, std::string_view fallback,
                              std::string_view description) {
    auto path = text(name, fallback, description);
    if (!is_writable_folder(path)) problem(name, path, "a folder that can be written to");
    return path;
}

std::uint16_t EnvReader::port(std::string_view name, std::uint16_t fallback,
                              std::string_view description) {
    return static_cast<std::uint16_t>(integer(name, fallback, {0, 65'535}, description));
}

std::int64_t EnvReader::integer(std::string_view name, std::int64_t fallback,
                                Range<std::int64_t> range, std::string_view description) {
    const auto found = lookup(name, std::to_string(fallback), description);
    if (!found) return fallback;
    const auto value = parse_number<std::int64_t>(*found);
    if (value && *value >= range.min && *value <= range.max) return *value;
    problem(name, *found, fmt::format("an integer from {} to {}", range.min, range.max));
    return fallback;
}

std::uint64_t EnvReader::bytes(std::string_view name, std::uint64_t fallback,
                               Range<std::uint64_t> range, std::string_view description) {
    const auto found = lookup(name, std::to_string(fallback), description);
    if (!found) return fallback;
    const auto value = parse_bytes(*found);
    if (value && *value >= range.min && *value <= range.max) return *value;
    problem(name, *found,
            fmt::format("a number of bytes from {} to {} (4GiB, 4Gi, 4GB and 512k are understood)",
                        range.min, range.max));
    return fallback;
}

double EnvReader::ratio(std::string_view name, double fallback, std::string_view description) {
    const auto found = lookup(name, fmt::format("{}", fallback), description);
    if (!found) return fallback;
    const auto value = parse_number<double>(*found);
    if (value && *value >= 0.0 && *value <= 1.0) return *value;
    problem(name, *found, "a number from 0 to 1");
    return fallback;
}

bool EnvReader::boolean(std::string_view name, bool fallback, std::string_view description) {
    const auto found = lookup(name, fallback ? "true" : "false", description);
    if (!found) return fallback;
    if (const auto value = parse_boolean(*found)) return *value;
    problem(name, *found, "true, false, on, off, yes, no, 1 or 0");
    return fallback;
}

std::chrono::milliseconds EnvReader::milliseconds(std::string_view name,
                                                  std::chrono::milliseconds fallback,
                                                  Range<std::chrono::milliseconds> range,
                                                  std::string_view description) {
    const auto found = lookup(name, std::to_string(fallback.count()), description);
    if (!found) return fallback;
    const auto value = parse_duration(*found);
    if (value && *value >= range.min && *value <= range.max) return *value;
    problem(name, *found,
            fmt::format("a number of milliseconds from {} to {} (10s, 5m and 1h are understood)",
                        range.min.count(), range.max.count()));
    return fallback;
}

}  // namespace events::config
