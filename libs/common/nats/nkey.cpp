#include "common/nats/nkey.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace events::nats {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t kKeySize = 32;
constexpr std::size_t kSeedLength = 58;
constexpr std::uint8_t kUser = 20 << 3;
/// 'S' and 'U', five bits each, in the first two bytes.
constexpr std::array<std::uint8_t, 2> kUserSeed{(18 << 3) | (kUser >> 5), (kUser & 31) << 3};

/// Secrets are wiped before their memory is given back.
struct Wiped {
    Bytes bytes;
    ~Wiped() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

/// CRC-16/XMODEM.
std::uint16_t checksum(std::span<const std::uint8_t> bytes) {
    std::uint16_t crc = 0;
    for (const auto byte : bytes) {
        crc = static_cast<std::uint16_t>(crc ^ (byte << 8));
        for (int bit = 0; bit < 8; ++bit) {
            const bool carry = (crc & 0x8000) != 0;
            crc = static_cast<std::uint16_t>((crc << 1) ^ (carry ? 0x1021 : 0));
        }
    }
    return crc;
}

std::optional<Bytes> decode_base32(std::string_view text) {
    Bytes bytes;
    bytes.reserve(text.size());
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        const auto value = kAlphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = (bits << 5U) | static_cast<std::uint32_t>(value);
        count += 5;
        if (count < 8) continue;
        count -= 8;
        bytes.push_back(static_cast<std::uint8_t>(bits >> count));
    }
    return bytes;
}

std::string encode_base32(std::span<const std::uint8_t> bytes) {
    std::string text;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const auto byte : bytes) {
        bits = (bits << 8U) | byte;
        for (count += 8; count >= 5;) {
            count -= 5;
            text += kAlphabet[(bits >> count) & 31U];
        }
    }
    if (count > 0) text += kAlphabet[(bits << (5 - count)) & 31U];
    return text;
}

/// The first word of kSeedLength characters that begins with "SU".
std::string_view find_seed(std::string_view text) {
    constexpr std::string_view kSpaces = " \t\r\n";
    while (!text.empty()) {
        const auto begin = std::min(text.find_first_not_of(kSpaces), text.size());
        text.remove_prefix(begin);
        const auto word = text.substr(0, text.find_first_of(kSpaces));
        if (word.size() == kSeedLength && word.starts_with("SU")) return word;
        text.remove_prefix(word.size());
    }
    return {};
}

}  // namespace

std::optional<std::string> public_key_of_user(std::string_view text) {
    auto decoded = decode_base32(find_seed(text));
    if (!decoded) return std::nullopt;
    const Wiped seed{std::move(*decoded)};
    constexpr auto kFront = kUserSeed.size();
    if (seed.bytes.size() != kFront + kKeySize + 2) return std::nullopt;
    const std::span bytes{seed.bytes};
    const auto crc = checksum(bytes.first(kFront + kKeySize));
    if (!std::ranges::equal(bytes.first(kFront), kUserSeed) ||
        bytes[kFront + kKeySize] != (crc & 0xFF) || bytes[kFront + kKeySize + 1] != crc >> 8) {
        return std::nullopt;
    }

    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes.subspan(kFront).data(),
                                     kKeySize),
        &EVP_PKEY_free};
    Bytes result(1 + kKeySize);
    result[0] = kUser;
    std::size_t size = kKeySize;
    if (!key || EVP_PKEY_get_raw_public_key(key.get(), &result[1], &size) != 1) return std::nullopt;
    const auto end = checksum(result);
    result.push_back(static_cast<std::uint8_t>(end & 0xFF));
    result.push_back(static_cast<std::uint8_t>(end >> 8));
    return encode_base32(result);
}

}  // namespace events::nats
