#pragma once

#include <filesystem>

namespace events::test {

/// A new folder that is removed, with all in it, at the end. Any user may enter it: PostgreSQL
/// refuses to run as root, so its files belong to another user.
class TemporaryDirectory {
  public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace events::test
