#include "common/config/env_reader.hpp"

#include "common/expected.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <limits>

namespace events::config {
namespace {

/// Reads the whole text as a number; nothing when a part of it is not one.
template <typename T>
std::optional<T> parse_number(std::string_view text) {
    T value{};
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || rest != end) return std::nullopt;
    return value;
}

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 4> kByteUnits{{
    {"KiB", std::uint64_t{1} << 10},
    {"MiB", std::uint64_t{1} << 20},
    {"GiB", std::uint64_t{1} << 30},
    {"TiB", std::uint64_t{1} << 40},
}};

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
    std::uint64_t unit = 1;
    for (const auto& [suffix, size] : kByteUnits) {
        if (text.ends_with(suffix)) {
            unit = size;
            text.remove_suffix(suffix.size());
            break;
        }
    }
    while (text.ends_with(' ')) text.remove_suffix(1);
    const auto count = parse_number<std::uint64_t>(text);
    if (!count || *count > std::numeric_limits<std::uint64_t>::max() / unit) return std::nullopt;
    return *count * unit;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpaces = " \t\r";
    const auto first = text.find_first_not_of(kSpaces);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

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

bool is_key(std::string_view text) {
    return text.size() >= kMinKeyLength &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

/// The largest secret's file: room for hundreds of keys, and none for a file of another kind.
constexpr std::size_t kMaxSecretBytes = std::size_t{64} << 10;

/// What is in the file, without its last line breaks; else what the file should have been.
Expected<std::string, std::string> read_secret(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    // One byte more than may be there; a folder opens, and only then can't be read.
    std::string content(kMaxSecretBytes + 1, '\0');
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    if (!file.is_open() || file.bad()) return Unexpected<std::string>{"a file that can be read"};
    content.resize(static_cast<std::size_t>(file.gcount()));
    if (content.size() > kMaxSecretBytes) {
        return Unexpected<std::string>{fmt::format("a file of at most {} bytes", kMaxSecretBytes)};
    }
    while (content.ends_with('\n') || content.ends_with('\r')) content.pop_back();
    if (content.empty()) return Unexpected<std::string>{"a file with a value in it"};
    return content;
}

/// The text as it may stand in a line, whatever is in it.
std::string shown(std::string_view text) {
    std::string line{text};
    std::ranges::replace_if(
        line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
    return line;
}

}  // namespace

std::optional<std::string> EnvReader::lookup(std::string_view name, std::string_view fallback_text,
                                             std::string_view description) {
    variables_.push_back({std::string{name}, std::string{fallback_text}, std::string{description}});
    return environment_.find(name);
}

void EnvReader::problem(std::string_view name, std::string_view value, std::string_view expected) {
    problems_.push_back(fmt::format("{}: \"{}\" is not {}", name, shown(value), expected));
}

std::string EnvReader::text(std::string_view name, std::string_view fallback,
                            std::string_view description) {
    return lookup(name, fallback, description).value_or(std::string{fallback});
}

Secret EnvReader::secret(std::string_view name, std::string_view fallback,
                         std::string_view description) {
    const auto file_variable = fmt::format("{}_FILE", name);
    const auto value = lookup(name, fallback, fmt::format("{}; or {}", description, file_variable));
    const auto path = environment_.find(file_variable);
    if (value && path) {
        problems_.push_back(
            fmt::format("{} and {} are both set: only one of them may be", name, file_variable));
    }
    if (!path) return Secret{value.value_or(std::string{fallback})};

    auto content = read_secret(*path);
    if (!content) {
        problem(file_variable, *path, content.error());
        return Secret{std::string{fallback}};
    }
    return Secret{std::move(*content)};
}

std::vector<Secret> EnvReader::keys(std::string_view name, std::string_view description) {
    const auto before = problems_.size();
    const auto text = secret(name, "", description);
    const auto file_variable = fmt::format("{}_FILE", name);
    const bool given = environment_.find(name) || environment_.find(file_variable);
    if (!given || problems_.size() > before) return {};

    const auto parts = split(text.reveal());
    if (parts.empty() || !std::ranges::all_of(parts, is_key)) {
        problem(name, "***",
                fmt::format("a list of keys of {} or more visible ASCII characters each, "
                            "separated by commas or line breaks",
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
            fmt::format("a number of bytes from {} to {} (KiB, MiB, GiB and TiB are understood)",
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
    constexpr std::array<std::string_view, 4> kTrue{"true", "on", "yes", "1"};
    constexpr std::array<std::string_view, 4> kFalse{"false", "off", "no", "0"};
    if (std::ranges::find(kTrue, *found) != kTrue.end()) return true;
    if (std::ranges::find(kFalse, *found) != kFalse.end()) return false;
    problem(name, *found, "true, false, on, off, yes, no, 1 or 0");
    return fallback;
}

std::chrono::milliseconds EnvReader::milliseconds(std::string_view name,
                                                  std::chrono::milliseconds fallback,
                                                  Range<std::chrono::milliseconds> range,
                                                  std::string_view description) {
    return std::chrono::milliseconds{
        integer(name, fallback.count(), {range.min.count(), range.max.count()}, description)};
}

}  // namespace events::config
