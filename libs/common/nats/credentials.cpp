#include "common/nats/credentials.hpp"

#include "common/config/env_reader.hpp"
#include "common/nats/handles.hpp"
#include "common/nats/nkey.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

namespace events::nats {
namespace {

/// As check(), with the details that cnats keeps: which file, what is wrong with it.
void check_file(natsStatus status, const char* call) {
    if (status == NATS_OK) return;
    const char* details = nats_GetLastError(nullptr);
    throw Error{call, fmt::format("{} ({})", natsStatus_GetText(status),
                                  details == nullptr ? "" : details)};
}

std::string content_of(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

CredentialFiles read_credential_files(config::EnvReader& read) {
    CredentialFiles files{
        .user = read.file("NATS_CREDS_FILE", "a file with a user's JWT and seed"),
        .nkey_seed = read.file("NATS_NKEY_SEED_FILE", "a file with a user's NKey seed"),
        .tls_ca = read.file("NATS_TLS_CA_FILE",
                            "certificates of the authorities to trust; empty: the system's"),
        .tls_certificate =
            read.file("NATS_TLS_CERT_FILE", "the certificate to show to a server that asks"),
        .tls_key = read.file("NATS_TLS_KEY_FILE", "the key of NATS_TLS_CERT_FILE"),
    };
    if (!files.user.empty() && !files.nkey_seed.empty()) {
        read.problem("NATS_NKEY_SEED_FILE", files.nkey_seed, "possible beside NATS_CREDS_FILE");
    }
    if (files.tls_certificate.empty() != files.tls_key.empty()) {
        read.problem("NATS_TLS_CERT_FILE", files.tls_certificate,
                     "possible without NATS_TLS_KEY_FILE, nor that without it");
    }
    if (!files.nkey_seed.empty() && !public_key_of_user(content_of(files.nkey_seed))) {
        read.problem("NATS_NKEY_SEED_FILE", files.nkey_seed,
                     "a file with the seed of a user (SU...)");
    }
    return files;
}

void apply(const CredentialFiles& files, bool secure, natsOptions* options) {
    if (!files.user.empty()) {
        check_file(natsOptions_SetUserCredentialsFromFiles(options, files.user.c_str(), nullptr),
                   "natsOptions_SetUserCredentialsFromFiles");
    }
    if (!files.nkey_seed.empty()) {
        const auto key = public_key_of_user(content_of(files.nkey_seed));
        if (!key) throw Error{"NATS_NKEY_SEED_FILE", "it holds no seed of a user"};
        check_file(natsOptions_SetNKeyFromSeed(options, key->c_str(), files.nkey_seed.c_str()),
                   "natsOptions_SetNKeyFromSeed");
    }
    if (!secure && !files.has_tls()) return;
    check_file(natsOptions_SetSecure(options, true), "natsOptions_SetSecure");
    if (!files.tls_ca.empty()) {
        check_file(natsOptions_LoadCATrustedCertificates(options, files.tls_ca.c_str()),
                   "NATS_TLS_CA_FILE");
    }
    if (!files.tls_key.empty()) {
        check_file(natsOptions_LoadCertificatesChain(options, files.tls_certificate.c_str(),
                                                     files.tls_key.c_str()),
                   "NATS_TLS_CERT_FILE");
    }
}

}  // namespace events::nats
