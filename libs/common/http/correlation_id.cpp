#include "common/http/correlation_id.hpp"

#include <fmt/compile.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <random>

namespace events::http {
namespace {

constexpr std::size_t kMaxLength = 128;

constexpr bool is_allowed(char c) noexcept {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == ':' || c == '-';
}

std::mt19937_64 seeded_engine() {
    std::random_device device;
    std::array<std::random_device::result_type, 8> words{};
    std::ranges::generate(words, std::ref(device));
    std::seed_seq seed(words.begin(), words.end());
    return std::mt19937_64{seed};
}

}  // namespace

bool is_correlation_id(std::string_view text) noexcept {
    return !text.empty() && text.size() <= kMaxLength && std::ranges::all_of(text, is_allowed);
}

std::uint64_t random_bits() {
    // An engine that the system's randomness seeded is enough, and cheap.
    thread_local std::mt19937_64 engine = seeded_engine();
    return engine();
}

std::string make_uuid_v7() {
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    const auto time = static_cast<std::uint64_t>(now) & 0xFFFF'FFFF'FFFFULL;
    const std::uint64_t high = random_bits();
    const std::uint64_t low = random_bits();
    return fmt::format(FMT_COMPILE("{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}"), time >> 16,
                       time & 0xFFFF, high & 0xFFF, 0x8000 | (low >> 48 & 0x3FFF),
                       low & 0xFFFF'FFFF'FFFFULL);
}

}  // namespace events::http
