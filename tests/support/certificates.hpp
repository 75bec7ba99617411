#pragma once

#include "support/temporary_directory.hpp"

#include <filesystem>
#include <string>

namespace events::test {

/// A certificate and its key, as files.
struct Certificate {
    std::filesystem::path file;
    std::filesystem::path key;
};

/// An authority that nobody knows and what it has issued, made with the openssl command in a folder
/// of its own. Failure: std::runtime_error with the command's output.
class CertificateAuthority {
  public:
    CertificateAuthority();

    /// The authority's own certificate: for those who are to trust it.
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return authority_.file; }

    /// A certificate for these names, e.g. "DNS:localhost,IP:127.0.0.1", for a server or a client.
    /// Its key belongs to `owner` where this process is root, and nobody else may read it.
    [[nodiscard]] Certificate issue(const std::string& names, const std::string& owner = "");

  private:
    void make(const Certificate& certificate, const std::string& names);

    TemporaryDirectory folder_;
    Certificate authority_;
    int issued_ = 0;
};

/// The names that servers of the tests have.
inline constexpr const char* kLoopbackNames = "DNS:localhost,IP:127.0.0.1";

}  // namespace events::test
