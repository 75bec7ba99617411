#pragma once

#include <cstddef>
#include <filesystem>

namespace events::test {

/// Gives this process, and those it starts, mounts of their own, which go with the last of them.
/// False where that is not allowed. Call it while there is one thread.
[[nodiscard]] bool own_mounts();

/// A small disk, in memory, that can be filled to the last byte. Failure: std::system_error.
class SmallDisk {
  public:
    /// Mounts it on a new folder; any user may write to it.
    SmallDisk(std::filesystem::path folder, std::size_t mebibytes);
    ~SmallDisk();
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    /// Until free(), no other file can grow.
    void fill() const;
    void free() const;

    /// Whether the kernel can make folders of such a disk read-only.
    [[nodiscard]] bool can_be_read_only() const;
    /// Nothing is made or removed in a folder of it, whoever tries. A remount would not do: it
    /// waits for files that are open.
    void set_read_only(const std::filesystem::path& folder, bool on) const;

  private:
    std::filesystem::path path_;
};

}  // namespace events::test
