#include "support/certificates.hpp"

#include "support/environment.hpp"
#include "support/process.hpp"

#include <pwd.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>
#include <vector>

namespace events::test {

CertificateAuthority::CertificateAuthority()
    : authority_{folder_.path() / "authority.pem", folder_.path() / "authority.key"} {
    make(authority_, "");
}

void CertificateAuthority::make(const Certificate& certificate, const std::string& names) {
    std::vector<std::string> command{"openssl",
                                     "req",
                                     "-x509",
                                     "-newkey",
                                     "ec",
                                     "-pkeyopt",
                                     "ec_paramgen_curve:prime256v1",
                                     "-nodes",
                                     "-days",
                                     "2",
                                     "-subj",
                                     "/CN=" + certificate.file.stem().string(),
                                     "-keyout",
                                     certificate.key.string(),
                                     "-out",
                                     certificate.file.string()};
    if (!names.empty()) {
        for (const auto& word :
             {std::string{"-CA"}, authority_.file.string(), std::string{"-CAkey"},
              authority_.key.string(), std::string{"-addext"}, "subjectAltName=" + names,
              std::string{"-addext"}, std::string{"basicConstraints=CA:FALSE"}}) {
            command.push_back(word);
        }
    }
    const auto output = folder_.path() / "log";
    if (run({.command = std::move(command), .environment = {}, .output = output, .user = {}})
            .code != 0) {
        throw std::runtime_error{"openssl failed: " + read_file(output)};
    }
}

Certificate CertificateAuthority::issue(const std::string& names, const std::string& owner) {
    const auto stem = "issued-" + std::to_string(++issued_);
    Certificate certificate{folder_.path() / (stem + ".pem"), folder_.path() / (stem + ".key")};
    make(certificate, names);
    if (!owner.empty() && ::geteuid() == 0) {
        const auto* user = ::getpwnam(owner.c_str());  // NOLINT(concurrency-mt-unsafe)
        if (user == nullptr || ::chown(certificate.key.c_str(), user->pw_uid, user->pw_gid) != 0) {
            throw std::runtime_error{"can't give a key to the user " + owner};
        }
    }
    std::filesystem::permissions(certificate.key, std::filesystem::perms::owner_read);
    return certificate;
}

}  // namespace events::test
