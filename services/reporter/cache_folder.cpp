#include "reporter/cache_folder.hpp"

#include "common/segments/crc32c.hpp"
#include "common/segments/format.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

namespace events::reporter {
namespace {

namespace format = segments::format;

/// Where a part can be mapped: a multiple of any machine's page.
constexpr std::uint64_t kPage = 65'536;

std::uint64_t behind(std::uint64_t size) {
    return (size + kPage - 1) / kPage * kPage;
}

std::string reason(int error) {
    return std::generic_category().message(error);
}

/// "17-0a1b2c3d": blob and checksum.
std::optional<std::pair<std::int64_t, std::uint32_t>> parse_name(std::string_view name) {
    std::int64_t blob = 0;
    std::uint32_t checksum = 0;
    const auto* end = name.data() + name.size();
    const auto first = std::from_chars(name.data(), end, blob);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '-') return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, end, checksum, 16);
    if (second.ec != std::errc{} || second.ptr != end) return std::nullopt;
    return std::pair{blob, checksum};
}

std::string name_of(std::int64_t blob, std::uint32_t checksum) {
    return fmt::format("{}-{:08x}", blob, checksum);
}

/// The parts of a file; what is no part is not looked for, only not found.
std::vector<Bytes> split(const Bytes& file) {
    std::vector<Bytes> parts;
    for (std::uint64_t at = 0; at + sizeof(format::Header) <= file.size();) {
        format::Header header{};
        std::memcpy(&header, file.data() + at, sizeof header);
        if (header.size < sizeof header || header.size > file.size() - at) return {};
        const auto* first = file.data() + at;
        parts.emplace_back(first, first + header.size);
        at = behind(at + header.size);
    }
    return parts;
}

}  // namespace

Descriptor::~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Descriptor::Descriptor(Descriptor&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)} {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

std::optional<segments::Blob> CacheFile::append(std::span<const std::byte> part) {
    const auto begin = size_;
    for (auto rest = part; !rest.empty();) {
        const auto count = ::pwrite(descriptor_.get(), rest.data(), rest.size(),
                                    static_cast<off_t>(begin + part.size() - rest.size()));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return std::nullopt;
        rest = rest.subspan(static_cast<std::size_t>(count));
    }
    void* const mapped = ::mmap(nullptr, part.size(), PROT_READ, MAP_SHARED, descriptor_.get(),
                                static_cast<off_t>(begin));
    if (mapped == MAP_FAILED) return std::nullopt;
    size_ = behind(begin + part.size());
    const auto unmap = [size = part.size()](const std::byte* data) {
        ::munmap(const_cast<std::byte*>(data), size);  // NOLINT: as mmap() gave it
    };
    return segments::Blob{
        .data = std::shared_ptr<const std::byte>{static_cast<const std::byte*>(mapped), unmap},
        .size = part.size()};
}

std::uint32_t headers_checksum(std::span<const std::vector<std::byte>> headers) {
    Bytes all;
    for (const auto& header : headers) {
        const auto size = std::min(header.size(), sizeof(format::Header));
        all.insert(all.end(), header.begin(), header.begin() + static_cast<std::ptrdiff_t>(size));
    }
    return segments::crc32c(all);
}

CacheFolder::CacheFolder(const std::string& path, std::uint64_t max_bytes, logging::Logger log)
    : log_{std::move(log)} {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    folder_ = Descriptor{::open(path.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC)};
    if (!folder_) {
        log_.warn("the cache's folder can not be used; segments are kept in memory only",
                  {{"folder", path}, {"err", reason(errno)}});
        return;
    }
    find_left(max_bytes);
}

void CacheFolder::find_left(std::uint64_t max_bytes) {
    const auto path = fmt::format("/proc/self/fd/{}", folder_.get());
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator{path, error}) {
        auto name = entry.path().filename().string();
        const auto parsed = parse_name(name);
        const auto size = entry.file_size(error);
        if (!parsed || error) continue;
        const auto [blob, checksum] = *parsed;
        const LeftFile left{.name = std::move(name), .checksum = checksum, .size = size};
        if (size > max_bytes - left_bytes_ || !left_.emplace(blob, left).second) {
            ::unlinkat(folder_.get(), left.name.c_str(), 0);
        } else {
            left_bytes_ += size;
        }
    }
}

std::optional<CacheFile> CacheFolder::make() {
    if (!folder_) return std::nullopt;
    Descriptor file{::openat(folder_.get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
    if (!file) {
        failed("made");
        return std::nullopt;
    }
    return CacheFile{std::move(file)};
}

void CacheFolder::failed(const char* what) {
    const auto error = errno;
    if (failed_.exchange(true)) return;
    log_.warn("the cache's files can not be written; segments are kept in memory",
              {{"step", what}, {"err", reason(error)}});
}

void CacheFolder::written() {
    if (failed_.exchange(false)) log_.info("the cache's files can be written again");
}

bool CacheFolder::has(std::int64_t blob) const {
    const std::lock_guard lock{mutex_};
    return left_.contains(blob);
}

std::uint64_t CacheFolder::left_bytes() const {
    const std::lock_guard lock{mutex_};
    return left_bytes_;
}

std::optional<std::vector<Bytes>> CacheFolder::take(std::int64_t blob, std::uint32_t checksum) {
    LeftFile left;
    {
        const std::lock_guard lock{mutex_};
        const auto found = left_.find(blob);
        if (found == left_.end()) return std::nullopt;
        left = std::move(found->second);
        left_bytes_ -= left.size;
        left_.erase(found);
    }
    auto parts = left.checksum == checksum ? split(read(left)) : std::vector<Bytes>{};
    ::unlinkat(folder_.get(), left.name.c_str(), 0);
    if (parts.empty() || headers_checksum(parts) != checksum) {
        log_.warn("a file of the cache is not what its name says, and was thrown away",
                  {{"file", left.name}});
        return std::nullopt;
    }
    return parts;
}

/// By reading, not by mapping: as long as it has a name somebody else can cut it short.
Bytes CacheFolder::read(const LeftFile& left) const {
    const Descriptor file{
        ::openat(folder_.get(), left.name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
    Bytes bytes(static_cast<std::size_t>(status.st_size));
    std::size_t size = 0;
    while (size < bytes.size()) {
        const auto count = ::read(file.get(), bytes.data() + size, bytes.size() - size);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        size += static_cast<std::size_t>(count);
    }
    bytes.resize(size);
    return bytes;
}

void CacheFolder::delete_all_but(std::span<const std::int64_t> blobs) {
    const std::lock_guard lock{mutex_};
    std::erase_if(left_, [&](const auto& left) {
        if (std::ranges::binary_search(blobs, left.first)) return false;
        left_bytes_ -= left.second.size;
        ::unlinkat(folder_.get(), left.second.name.c_str(), 0);
        return true;
    });
}

void CacheFolder::keep(const CacheFile& file, std::int64_t blob, std::uint32_t checksum) {
    const auto path = fmt::format("/proc/self/fd/{}", file.descriptor());
    const auto name = name_of(blob, checksum);
    const auto done =
        ::linkat(AT_FDCWD, path.c_str(), folder_.get(), name.c_str(), AT_SYMLINK_FOLLOW);
    // Another reporter that ended had the same blob.
    if (done != 0 && errno != EEXIST) failed("named");
}

}  // namespace events::reporter
