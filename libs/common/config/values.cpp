#include "common/config/values.hpp"

#include "common/config/text.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

namespace events::config {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t size;
};

constexpr std::uint64_t kThousand = 1'000;

constexpr std::array<Unit, 18> kByteUnits{{
    {"", 1},
    {"B", 1},
    {"k", kThousand},
    {"kB", kThousand},
    {"M", kThousand* kThousand},
    {"MB", kThousand* kThousand},
    {"G", kThousand* kThousand* kThousand},
    {"GB", kThousand* kThousand* kThousand},
    {"T", kThousand* kThousand* kThousand* kThousand},
    {"TB", kThousand* kThousand* kThousand* kThousand},
    {"Ki", std::uint64_t{1} << 10},
    {"KiB", std::uint64_t{1} << 10},
    {"Mi", std::uint64_t{1} << 20},
    {"MiB", std::uint64_t{1} << 20},
    {"Gi", std::uint64_t{1} << 30},
    {"GiB", std::uint64_t{1} << 30},
    {"Ti", std::uint64_t{1} << 40},
    {"TiB", std::uint64_t{1} << 40},
}};

/// In milliseconds.
constexpr std::array<Unit, 6> kTimeUnits{{
    {"", 1},
    {"ms", 1},
    {"s", kThousand},
    {"m", 60 * kThousand},
    {"h", 3'600 * kThousand},
    {"d", 86'400 * kThousand},
}};

/// A decimal number with one of the units behind it, as so many of the smallest unit.
std::optional<std::uint64_t> parse_quantity(std::string_view text, std::span<const Unit> units) {
    const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto number = text.substr(0, digits);
    const auto name = trimmed(text.substr(digits));
    const auto unit = std::ranges::find_if(
        units, [&](const Unit& known) { return equal_in_any_case(known.name, name); });
    if (unit == units.end()) return std::nullopt;
    constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
    if (const auto whole = parse_number<std::uint64_t>(number)) {
        if (*whole > kMost / unit->size) return std::nullopt;
        return *whole * unit->size;
    }
    const auto fraction = parse_number<double>(number);
    if (!fraction || unit->size == 1) return std::nullopt;
    const auto product = *fraction * static_cast<double>(unit->size);
    if (product >= static_cast<double>(kMost) / 2) return std::nullopt;
    return static_cast<std::uint64_t>(product);
}

}  // namespace

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
    return parse_quantity(text, kByteUnits);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    const auto count = parse_quantity(text, kTimeUnits);
    if (!count || *count > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return std::nullopt;
    }
    return std::chrono::milliseconds{static_cast<std::int64_t>(*count)};
}

std::optional<bool> parse_boolean(std::string_view text) {
    constexpr std::array<std::string_view, 7> kTrue{"true", "yes", "on", "1", "enabled", "t", "y"};
    constexpr std::array<std::string_view, 7> kFalse{"false",    "no", "off", "0",
                                                     "disabled", "f",  "n"};
    const auto is_text = [&](std::string_view word) { return equal_in_any_case(word, text); };
    if (std::ranges::any_of(kTrue, is_text)) return true;
    if (std::ranges::any_of(kFalse, is_text)) return false;
    return std::nullopt;
}

}  // namespace events::config
