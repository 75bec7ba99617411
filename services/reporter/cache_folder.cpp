#include "reporter/cache_folder.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace events::reporter {
namespace {

/// Half of what Linux lets a process map (vm.max_map_count): 80 GB of segments' parts.
constexpr std::size_t kMostFiles = 32'768;

/// A file without a name; closed at the end, which a mapping outlives: so files take no
/// descriptors.
class UnnamedFile {
  public:
    explicit UnnamedFile(const std::string& folder)
        : descriptor_{::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)} {}
    ~UnnamedFile() {
        if (is_open()) ::close(descriptor_);
    }
    UnnamedFile(const UnnamedFile&) = delete;
    UnnamedFile& operator=(const UnnamedFile&) = delete;

    [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }

    [[nodiscard]] bool write(std::span<const std::byte> bytes) const {
        while (!bytes.empty()) {
            const auto count = ::write(descriptor_, bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return false;
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        }
        return true;
    }

    /// Null where that can't be: errno says why.
    [[nodiscard]] void* map(std::size_t size) const {
        void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor_, 0);
        return mapped == MAP_FAILED ? nullptr : mapped;  // NOLINT: the system's own cast
    }

  private:
    int descriptor_;
};

std::string reason(int error) {
    return std::generic_category().message(error);
}

}  // namespace

CacheFolder::CacheFolder(std::string path, logging::Logger log)
    : path_{std::move(path)}, log_{std::move(log)} {
    std::error_code error;
    std::filesystem::create_directories(path_, error);
    is_usable_ = UnnamedFile{path_}.is_open();
    if (is_usable_) return;
    log_.warn("the cache's folder can not be used; segments are kept in memory only",
              {{"folder", path_}, {"err", reason(errno)}});
}

std::optional<segments::Blob> CacheFolder::copy(std::span<const std::byte> bytes) {
    auto copied = try_to_copy(bytes);
    const auto error = errno;
    const bool failed_before = failed_.exchange(!copied);
    if (copied && failed_before) log_.info("the cache's files can be written again");
    if (!copied && !failed_before) {
        log_.warn("the cache's files can not be written; segments are kept in memory",
                  {{"folder", path_}, {"err", reason(error)}});
    }
    return copied;
}

std::optional<segments::Blob> CacheFolder::try_to_copy(std::span<const std::byte> bytes) {
    const UnnamedFile file{path_};
    if (!file.is_open() || !file.write(bytes)) return std::nullopt;
    errno = EMFILE;
    if (files_->load() >= kMostFiles) return std::nullopt;
    auto* mapped = file.map(bytes.size());
    if (mapped == nullptr) return std::nullopt;
    ++*files_;
    const auto unmap = [mapped, size = bytes.size(), files = files_](const std::byte*) {
        ::munmap(mapped, size);
        --*files;
    };
    return segments::Blob{.data = {static_cast<const std::byte*>(mapped), unmap},
                          .size = bytes.size()};
}

}  // namespace events::reporter
