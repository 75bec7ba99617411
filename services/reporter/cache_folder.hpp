#pragma once

#include "common/logging/logger.hpp"
#include "common/segments/segment.hpp"
#include "reporter/bytes.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace events::reporter {

/// A descriptor that is closed at the end; -1: none.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int descriptor) : descriptor_{descriptor} {}
    ~Descriptor();
    Descriptor(Descriptor&& other) noexcept;
    Descriptor& operator=(Descriptor&& other) noexcept;

    [[nodiscard]] int get() const noexcept { return descriptor_; }
    explicit operator bool() const noexcept { return descriptor_ >= 0; }

  private:
    int descriptor_ = -1;
};

/// A blob in a file that has no name, so that nobody else can cut it short or write to it: whatever
/// is mapped stays readable. One thread writes it; then it is read only.
class CacheFile {
  public:
    explicit CacheFile(Descriptor descriptor) : descriptor_{std::move(descriptor)} {}

    /// Appends a part and maps it; nothing where the disk does not take it: errno says why.
    [[nodiscard]] std::optional<segments::Blob> append(std::span<const std::byte> part);

    [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }

  private:
    Descriptor descriptor_;
    std::uint64_t size_ = 0;
};

/// What a reporter that ended left behind: the parts of a blob, one behind the other, each at a
/// multiple of a page.
struct LeftFile {
    std::string name;
    std::uint32_t checksum = 0;  ///< headers_checksum()
    std::uint64_t size = 0;
};

/// CRC-32C of the parts' headers, whose own checksums are of all of their bytes: no two blobs that
/// meet in it are of the same size, times and rows but by chance.
[[nodiscard]] std::uint32_t headers_checksum(std::span<const Bytes> headers);

/// CACHE_DIR. While the reporter runs its files have no name; keep() names them, and the next
/// reporter takes them. Nothing in it is needed: whatever goes wrong costs time only. Thread-safe.
class CacheFolder {
  public:
    /// Makes the folder; one that can not be used is told in the log. What is left there beyond
    /// `max_bytes` is deleted.
    CacheFolder(const std::string& path, std::uint64_t max_bytes, logging::Logger log);

    [[nodiscard]] bool is_usable() const noexcept { return static_cast<bool>(folder_); }

    /// A new file without a name; nothing where that can't be.
    [[nodiscard]] std::optional<CacheFile> make();
    /// Tells the log that a file could not be written, once until written() follows.
    void failed(const char* what);
    void written();

    /// Takes the file that is left of a blob, so that nobody else does, and reads its parts;
    /// nothing where there is none, or where it is not that blob by `checksum`.
    [[nodiscard]] std::optional<std::vector<Bytes>> take(std::int64_t blob, std::uint32_t checksum);
    [[nodiscard]] bool has(std::int64_t blob) const;
    [[nodiscard]] std::uint64_t left_bytes() const;
    /// Deletes what is left of other blobs.
    void delete_all_but(std::span<const std::int64_t> blobs);

    /// Gives a file a name for the next reporter.
    void keep(const CacheFile& file, std::int64_t blob, std::uint32_t checksum);

  private:
    void find_left(std::uint64_t max_bytes);
    Bytes read(const LeftFile& left) const;

    logging::Logger log_;
    Descriptor folder_;
    std::atomic<bool> failed_{false};
    mutable std::mutex mutex_;
    std::map<std::int64_t, LeftFile> left_;  ///< by blob; guarded by mutex_
    std::uint64_t left_bytes_ = 0;           ///< guarded by mutex_
};

}  // namespace events::reporter
