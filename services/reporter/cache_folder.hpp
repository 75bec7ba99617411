#pragma once

#include "common/logging/logger.hpp"
#include "common/segments/segment.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace events::reporter {

/// CACHE_DIR: bytes in files without a name, which are mapped. Nobody else can cut them short or
/// write to them, and the system frees them with their last user, however the reporter ends.
/// Whatever goes wrong costs time only. Thread-safe.
class CacheFolder {
  public:
    /// Makes the folder; one that can not be used is told in the log.
    CacheFolder(std::string path, logging::Logger log);

    [[nodiscard]] bool is_usable() const noexcept { return is_usable_; }

    /// A copy of the bytes in a file; nothing where the disk does not take it, which the log tells
    /// once until it does again.
    [[nodiscard]] std::optional<segments::Blob> copy(std::span<const std::byte> bytes);

  private:
    [[nodiscard]] std::optional<segments::Blob> try_to_copy(std::span<const std::byte> bytes);

    std::string path_;
    logging::Logger log_;
    bool is_usable_ = false;
    std::atomic<bool> failed_{false};
    /// That are mapped: some may outlive the folder.
    std::shared_ptr<std::atomic<std::size_t>> files_ = std::make_shared<std::atomic<std::size_t>>();
};

}  // namespace events::reporter
