#include "gateway/spool_folder.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>

namespace events::gateway {
namespace {

constexpr std::string_view kFinished = ".spool";
constexpr std::string_view kFormer = ".cbor";  ///< what earlier versions called them
constexpr std::string_view kUnfinished = ".part";
constexpr std::string_view kCorrupt = ".corrupt";
constexpr std::string_view kLock = "lock";
constexpr mode_t kPrivate = 0600;  // events hold names and ages of people
/// A larger number is nobody's: those that follow must have 20 digits, too.
constexpr std::uint64_t kMaxNumber = 1'000'000'000'000'000'000;
constexpr std::size_t kReadStep = std::size_t{1} << 20;
constexpr std::uint64_t kTrial = std::uint64_t{64} << 10;

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error{errno, std::generic_category(), what};
}

int check(int result, const char* what) {
    if (result < 0) fail(what);
    return result;
}

std::string name_of(std::uint64_t number, std::string_view extension) {
    return fmt::format("{:020}{}", number, extension);
}

std::optional<std::uint64_t> number_of(std::string_view name, std::string_view extension) {
    if (!name.ends_with(extension)) return std::nullopt;
    name.remove_suffix(extension.size());
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    if (number > kMaxNumber) return std::nullopt;
    return number;
}

/// A file's number as its name tells it, also where that is not its usual name.
struct Numbered {
    std::uint64_t number = 0;
    bool corrupt = false;
};

std::optional<Numbered> numbered(std::string_view name) {
    for (const auto extension : {kFinished, kFormer, kCorrupt}) {
        if (const auto number = number_of(name, extension)) {
            return Numbered{*number, extension == kCorrupt};
        }
    }
    return std::nullopt;
}

std::string name_of(Numbered file) {
    return name_of(file.number, file.corrupt ? kCorrupt : kFinished);
}

/// Whether two names or descriptors are one file.
bool is_same(const struct stat& one, const struct stat& other) noexcept {
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

std::chrono::system_clock::time_point changed(const struct stat& status) {
    const auto since_epoch = std::chrono::seconds{status.st_mtim.tv_sec} +
                             std::chrono::nanoseconds{status.st_mtim.tv_nsec};
    return std::chrono::system_clock::time_point{
        std::chrono::duration_cast<std::chrono::system_clock::duration>(since_epoch)};
}

[[noreturn]] void refuse_taken(const std::filesystem::path& path) {
    throw std::system_error{EBUSY, std::generic_category(),
                            fmt::format("{} belongs to another gateway that runs", path.string())};
}

std::optional<Descriptor> lock_of(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    return try_lock(folder / kLock);
}

}  // namespace

SpoolFolder::SpoolFolder(const std::filesystem::path& path) : SpoolFolder{path, lock_of(path)} {}

SpoolFolder::SpoolFolder(const std::filesystem::path& path, std::optional<Descriptor> lock)
    : path_{std::filesystem::absolute(path)} {
    if (!lock) refuse_taken(path_);
    lock_ = std::move(*lock);
    folder_ = Descriptor{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!folder_.is_open()) fail(path.string());
}

std::optional<SpoolFolder> SpoolFolder::if_free(const std::filesystem::path& path) {
    auto lock = lock_of(path);
    if (!lock) return std::nullopt;
    return SpoolFolder{path, std::move(lock)};
}

std::vector<SpoolFolder::Found> SpoolFolder::scan() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator{path_}) {
        names.push_back(entry.path().filename().string());
    }
    std::vector<Found> found;
    std::map<std::string, Numbered> unusual;
    const auto add = [&](Numbered file) {
        struct stat status {};
        check(::fstatat(folder_.get(), name_of(file).c_str(), &status, 0), "fstatat");
        found.push_back({file.number, static_cast<std::uint64_t>(status.st_size), changed(status),
                         file.corrupt});
    };
    for (const auto& name : names) {
        if (name.ends_with(kUnfinished)) {
            check(::unlinkat(folder_.get(), name.c_str(), 0), "unlink");
        } else if (const auto file = numbered(name)) {
            if (name == name_of(*file)) {
                add(*file);
            } else {
                unusual.emplace(name, *file);
            }
        }
    }
    for (auto& [name, file] : unusual) {
        if (std::ranges::find(found, file.number, &Found::number) != found.end()) {
            file.number = std::ranges::max(found, {}, &Found::number).number + 1;
        }
        check(::renameat2(folder_.get(), name.c_str(), folder_.get(), name_of(file).c_str(),
                          RENAME_NOREPLACE),
              name.c_str());
        add(file);
    }
    std::ranges::sort(found, {}, &Found::number);
    return found;
}

void SpoolFolder::take_over(const SpoolFolder& from, const Found& file, std::uint64_t number) {
    check(::renameat(from.folder_.get(), name_of({file.number, file.corrupt}).c_str(),
                     folder_.get(), name_of({number, file.corrupt}).c_str()),
          "rename");
}

bool SpoolFolder::require_in_place() {
    struct stat opened {};
    struct stat there {};
    check(::fstat(folder_.get(), &opened), "fstat");
    if (::stat(path_.c_str(), &there) != 0 || !is_same(opened, there)) {
        throw std::system_error{
            ESTALE, std::generic_category(),
            fmt::format(
                "{} is not the folder that was opened at the start: somebody moved, deleted "
                "or covered that one. Put it back, or restart the gateway",
                path_.string())};
    }
    check(::fstat(lock_.get(), &opened), "fstat");
    if (::fstatat(folder_.get(), kLock.data(), &there, 0) == 0 && is_same(opened, there))
        return false;
    auto lock = try_lock(path_ / kLock);
    if (!lock) refuse_taken(path_);
    lock_ = std::move(*lock);
    return true;
}

void SpoolFolder::require_room(std::uint64_t bytes) const {
    struct statvfs status {};
    check(::fstatvfs(folder_.get(), &status), "fstatvfs");
    if ((status.f_flag & ST_RDONLY) != 0) {
        throw std::system_error{EROFS, std::generic_category(), path_.string()};
    }
    const bool known = status.f_blocks > 0;  // a tmpfs without a bound says 0 of 0
    if (known && status.f_bfree * status.f_frsize < bytes) {
        throw std::system_error{ENOSPC, std::generic_category(), path_.string()};
    }
}

void SpoolFolder::try_writing(std::uint64_t bytes) {
    auto part = create();
    try {
        write(part, std::string(std::clamp<std::uint64_t>(bytes, 1, kTrial), '\0'));
        check(::fsync(part.file.get()), "fsync");
    } catch (...) {
        discard(part);
        throw;
    }
    check(::unlinkat(folder_.get(), part.name.c_str(), 0), "unlink");
}

SpoolFolder::Part SpoolFolder::create() {
    static std::atomic<std::uint64_t> last{0};
    Part part{.file = Descriptor{}, .name = name_of(++last, kUnfinished)};
    part.file = Descriptor{check(::openat(folder_.get(), part.name.c_str(),
                                          O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kPrivate),
                                 "open")};
    return part;
}

void SpoolFolder::write(const Part& part, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::write(part.file.get(), bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail("write");
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

void SpoolFolder::publish(Part& part, std::uint64_t number) {
    check(::fsync(part.file.get()), "fsync");
    part.file.close();
    const auto name = name_of(number, kFinished);
    check(::renameat(folder_.get(), part.name.c_str(), folder_.get(), name.c_str()), "rename");
    part.name.clear();
    sync();
}

void SpoolFolder::discard(Part& part) noexcept {
    if (part.name.empty()) return;
    part.file = Descriptor{};
    ::unlinkat(folder_.get(), part.name.c_str(), 0);
    part.name.clear();
}

void SpoolFolder::withdraw(std::uint64_t number) noexcept {
    ::unlinkat(folder_.get(), name_of(number, kFinished).c_str(), 0);
}

std::string SpoolFolder::read(std::uint64_t number) const {
    const auto name = name_of(number, kFinished);
    const Descriptor file{::openat(folder_.get(), name.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file.is_open()) fail(name);
    struct stat status {};
    check(::fstat(file.get(), &status), name.c_str());
    const auto size = static_cast<std::size_t>(status.st_size);
    const auto step = std::min(size + 1, kReadStep);  // one more than there is, to see the end
    std::string bytes;
    bytes.reserve(size + step);
    while (true) {
        const auto had = bytes.size();
        bytes.resize(had + step);
        const auto count = ::read(file.get(), bytes.data() + had, step);
        if (count < 0 && errno != EINTR) fail(name);
        bytes.resize(had + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        if (count == 0) return bytes;
    }
}

void SpoolFolder::remove(std::uint64_t number) {
    // Not synced: a file that comes back after a power cut is published again, which is absorbed.
    const int result = ::unlinkat(folder_.get(), name_of(number, kFinished).c_str(), 0);
    if (result != 0 && errno == ENOENT) return;  // somebody was faster
    check(result, "unlink");
}

void SpoolFolder::set_aside(std::uint64_t number) {
    check(::renameat(folder_.get(), name_of(number, kFinished).c_str(), folder_.get(),
                     name_of(number, kCorrupt).c_str()),
          "rename");
    sync();
}

void SpoolFolder::sync() const {
    check(::fsync(folder_.get()), "fsync");
}

}  // namespace events::gateway
