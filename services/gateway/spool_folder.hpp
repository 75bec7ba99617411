#pragma once

#include "gateway/descriptor.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace events::gateway {

/// The spool's file system: what is written beside, synced and renamed, and who owns the folder.
///
/// A folder that is moved or deleted stays open here, and takes files that no restart will look at:
/// who writes asks require_in_place() before and after.
/// Every function throws std::system_error with the system's reason. Thread-safe, but for
/// require_in_place().
class SpoolFolder {
  public:
    /// Makes the folder where it is missing, and takes its lock: only one process has it.
    explicit SpoolFolder(const std::filesystem::path& path);

    /// The same; nothing when another process has the lock.
    [[nodiscard]] static std::optional<SpoolFolder> if_free(const std::filesystem::path& path);

    /// A file that nobody reads yet.
    struct Part {
        Descriptor file;
        std::string name;
    };

    struct Found {
        std::uint64_t number = 0;
        std::uint64_t bytes = 0;
        std::chrono::system_clock::time_point changed;
        bool corrupt = false;  ///< it was set aside
    };

    /// The finished files and those that were set aside, in the order of their numbers. Removes
    /// what was never finished. What has another name than a gateway gives (7.spool, or 7.cbor of
    /// an earlier version) gets its usual one, with another number where that is taken.
    [[nodiscard]] std::vector<Found> scan();

    /// Moves a file of another folder here, under a number that nothing has here. A process that
    /// is killed leaves the file in one of the two. Sync this folder, then the other one.
    void take_over(const SpoolFolder& from, const Found& file, std::uint64_t number);
    void sync() const;

    /// Throws where the path that it was opened by leads to another folder, or to none, now: files
    /// that are written here would not be found again. A lock file that somebody deleted is made
    /// and locked anew; throws where another gateway has that. True when that was needed: another
    /// one may have been here meanwhile.
    bool require_in_place();
    /// Throws where the file system says that it is read-only, or has less room than so many bytes.
    void require_room(std::uint64_t bytes) const;
    /// Throws where a file of so many bytes (of 64 KiB, where it is more) can't be written, synced
    /// and removed.
    void try_writing(std::uint64_t bytes);

    [[nodiscard]] Part create();
    static void write(const Part& part, std::string_view bytes);
    /// Syncs the file, gives it its name, and syncs the folder. After a failure the file may have
    /// its name.
    void publish(Part& part, std::uint64_t number);
    void discard(Part& part) noexcept;
    /// Removes a file whose name may not last.
    void withdraw(std::uint64_t number) noexcept;

    /// All bytes of a file. An error of the disk is never taken for its end.
    [[nodiscard]] std::string read(std::uint64_t number) const;
    void remove(std::uint64_t number);
    void set_aside(std::uint64_t number);

  private:
    SpoolFolder(const std::filesystem::path& path, std::optional<Descriptor> lock);

    std::filesystem::path path_;
    Descriptor folder_;
    Descriptor lock_;
};

}  // namespace events::gateway
