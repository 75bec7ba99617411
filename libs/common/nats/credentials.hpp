#pragma once

#include <string>

// natsOptions, so that nats.h stays out of our headers.
struct __natsOptions;  // NOLINT(bugprone-reserved-identifier)

namespace events::config {
class EnvReader;
}

namespace events::nats {

/// Paths of files; empty where there are none.
struct CredentialFiles {
    std::string user{};       ///< a user's JWT and seed, as `nsc generate creds` writes them
    std::string nkey_seed{};  ///< of a user whose public key the server knows
    std::string tls_ca{};     ///< trusted instead of the system's authorities
    std::string tls_certificate{};
    std::string tls_key{};

    [[nodiscard]] bool has_tls() const noexcept { return !tls_ca.empty() || !tls_key.empty(); }
};

/// NATS_CREDS_FILE, NATS_NKEY_SEED_FILE, NATS_TLS_CA_FILE, NATS_TLS_CERT_FILE, NATS_TLS_KEY_FILE.
/// Files that can't be read, and those that exclude or need each other, are problems of `read`.
[[nodiscard]] CredentialFiles read_credential_files(config::EnvReader& read);

/// Has a connection use these files; `secure` also where it needs none of them: the server's
/// certificate is then verified against the system's authorities. cnats reads the user's files at
/// each connection, but those of TLS now. Throws Error, with what cnats says of it.
void apply(const CredentialFiles& files, bool secure, __natsOptions* options);

}  // namespace events::nats
