#pragma once

#include <filesystem>
#include <optional>

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

}  // namespace events::gateway
