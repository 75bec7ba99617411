#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace events::gateway {

/// An open file descriptor. Closing it gives up the lock that it has.
class Descriptor {
  public:
    explicit Descriptor(int number = -1) noexcept : number_{number} {}
    ~Descriptor();
    Descriptor(Descriptor&& other) noexcept;
    Descriptor& operator=(Descriptor&& other) noexcept;

    [[nodiscard]] int get() const noexcept { return number_; }
    [[nodiscard]] bool is_open() const noexcept { return number_ >= 0; }
    /// Closes it; throws std::system_error when the file system says that something was lost.
    void close();

  private:
    int number_;
};

/// Opens (or makes) a file and takes its lock; nothing when somebody else has that. Throws
/// std::system_error.
[[nodiscard]] std::optional<Descriptor> try_lock(const std::filesystem::path& file);

/// The spool's file system: what is written beside, synced and renamed, and who owns the folder.
/// Every function throws std::system_error with the system's reason. Thread-safe.
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
    /// what was never finished.
    [[nodiscard]] std::vector<Found> scan();

    /// Moves a file of another folder here, under a number that nothing has here. A process that
    /// is killed leaves the file in one of the two. Sync this folder, then the other one.
    void take_over(const SpoolFolder& from, const Found& file, std::uint64_t number);
    void sync() const;

    [[nodiscard]] Part create();
    static void write(const Part& part, std::span<const std::uint8_t> bytes);
    /// Syncs the file, gives it its name, and syncs the folder. After a failure the file may have
    /// its name.
    void publish(Part& part, std::uint64_t number);
    void discard(Part& part) noexcept;
    /// Removes a file whose name may not last.
    void withdraw(std::uint64_t number) noexcept;

    [[nodiscard]] std::ifstream open(std::uint64_t number) const;
    void remove(std::uint64_t number);
    void set_aside(std::uint64_t number);

  private:
    SpoolFolder(const std::filesystem::path& path, std::optional<Descriptor> lock);

    std::filesystem::path path_;
    Descriptor folder_;
    Descriptor lock_;
};

}  // namespace events::gateway
