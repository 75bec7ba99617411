#include "common/crypto/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <charconv>
#include <memory>
#include <stdexcept>

namespace events::crypto {
namespace {

struct FreeDigest {
    void operator()(EVP_MD* digest) const noexcept { EVP_MD_free(digest); }
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

struct FreeMac {
    void operator()(EVP_MAC* mac) const noexcept { EVP_MAC_free(mac); }
    void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};

void require(bool done) {
    if (!done) throw std::runtime_error{"libcrypto can not compute SHA-256"};
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());  // NOLINT: a C interface
}

// The algorithms are looked up once: OpenSSL 3 searches its providers each time, which takes longer
// than a digest of a line.

EVP_MD* sha256_algorithm() {
    static const std::unique_ptr<EVP_MD, FreeDigest> algorithm{
        EVP_MD_fetch(nullptr, "SHA256", nullptr)};
    require(algorithm != nullptr);
    return algorithm.get();
}

EVP_MAC* hmac() {
    static const std::unique_ptr<EVP_MAC, FreeMac> algorithm{
        EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
    require(algorithm != nullptr);
    return algorithm.get();
}

}  // namespace

Digest sha256(std::string_view text) {
    // One for all digests of a thread: making it takes longer than a digest of a line.
    thread_local const std::unique_ptr<EVP_MD_CTX, FreeDigest> context{EVP_MD_CTX_new()};
    Digest digest{};
    unsigned size = 0;
    require(context && EVP_DigestInit_ex(context.get(), sha256_algorithm(), nullptr) == 1 &&
            EVP_DigestUpdate(context.get(), text.data(), text.size()) == 1 &&
            EVP_DigestFinal_ex(context.get(), digest.data(), &size) == 1 && size == digest.size());
    return digest;
}

Digest hmac_sha256(std::string_view key, std::initializer_list<std::string_view> parts) {
    const std::unique_ptr<EVP_MAC_CTX, FreeMac> context{EVP_MAC_CTX_new(hmac())};
    require(context != nullptr);
    std::string name = "SHA256";
    const std::array parameters{OSSL_PARAM_construct_utf8_string("digest", name.data(), 0),
                                OSSL_PARAM_construct_end()};
    // A null key would be "the same as before", so an empty one needs an address too.
    const auto* key_bytes = key.empty() ? bytes_of("") : bytes_of(key);
    require(EVP_MAC_init(context.get(), key_bytes, key.size(), parameters.data()) == 1);
    for (const auto part : parts) {
        require(EVP_MAC_update(context.get(), bytes_of(part), part.size()) == 1);
    }
    Digest digest{};
    std::size_t size = 0;
    require(EVP_MAC_final(context.get(), digest.data(), &size, digest.size()) == 1 &&
            size == digest.size());
    return digest;
}

bool equal(const Digest& left, const Digest& right) noexcept {
    return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::optional<Digest> parse_hex(std::string_view text) noexcept {
    Digest digest{};
    if (text.size() != 2 * digest.size()) return std::nullopt;
    const auto* next = text.data();
    for (auto& byte : digest) {
        const auto [end, error] = std::from_chars(next, next + 2, byte, 16);
        if (error != std::errc{} || end != next + 2) return std::nullopt;
        next = end;
    }
    return digest;
}

std::string to_hex(const Digest& digest) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * digest.size());
    for (const auto byte : digest) {
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 0xFU];
    }
    return text;
}

}  // namespace events::crypto
