#include "gateway/spool_folder.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string_view>
#include <system_error>
#include <utility>

namespace events::gateway {
namespace {

constexpr std::string_view kFinished = ".cbor";
constexpr std::string_view kUnfinished = ".part";
constexpr std::string_view kCorrupt = ".corrupt";
constexpr std::string_view kLock = "lock";
constexpr mode_t kPrivate = 0600;  // events hold names and ages of people

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
    return number;
}

std::chrono::system_clock::time_point changed(const struct stat& status) {
    const auto since_epoch = std::chrono::seconds{status.st_mtim.tv_sec} +
                             std::chrono::nanoseconds{status.st_mtim.tv_nsec};
    return std::chrono::system_clock::time_point{
        std::chrono::duration_cast<std::chrono::system_clock::duration>(since_epoch)};
}

}  // namespace

Descriptor::~Descriptor() {
    if (is_open()) ::close(number_);
}

Descriptor::Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}

void Descriptor::close() {
    check(::close(std::exchange(number_, -1)), "close");
}

std::optional<Descriptor> try_lock(const std::filesystem::path& file) {
    Descriptor lock{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kPrivate)};
    if (!lock.is_open()) fail(file.string());
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno == EWOULDBLOCK) return std::nullopt;
    fail(file.string());
}

namespace {

std::optional<Descriptor> lock_of(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    return try_lock(folder / kLock);
}

}  // namespace

SpoolFolder::SpoolFolder(const std::filesystem::path& path) : SpoolFolder{path, lock_of(path)} {}

SpoolFolder::SpoolFolder(const std::filesystem::path& path, std::optional<Descriptor> lock)
    : path_{path} {
    if (!lock) {
        throw std::system_error{
            EBUSY, std::generic_category(),
            fmt::format("{} belongs to another gateway that runs", path.string())};
    }
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
    for (const auto& name : names) {
        if (name.ends_with(kUnfinished))
            check(::unlinkat(folder_.get(), name.c_str(), 0), "unlink");
        auto number = number_of(name, kFinished);
        const bool corrupt = !number;
        if (corrupt) number = number_of(name, kCorrupt);
        if (!number) continue;
        const auto usual = name_of(*number, corrupt ? kCorrupt : kFinished);
        // Somebody put it there by hand, as 7.cbor.
        if (name != usual) {
            check(::renameat2(folder_.get(), name.c_str(), folder_.get(), usual.c_str(),
                              RENAME_NOREPLACE),
                  name.c_str());
        }
        struct stat status {};
        check(::fstatat(folder_.get(), usual.c_str(), &status, 0), "fstatat");
        found.push_back(
            {*number, static_cast<std::uint64_t>(status.st_size), changed(status), corrupt});
    }
    std::ranges::sort(found, {}, &Found::number);
    return found;
}

void SpoolFolder::take_over(const SpoolFolder& from, const Found& file, std::uint64_t number) {
    const auto extension = file.corrupt ? kCorrupt : kFinished;
    check(::renameat(from.folder_.get(), name_of(file.number, extension).c_str(), folder_.get(),
                     name_of(number, extension).c_str()),
          "rename");
}

SpoolFolder::Part SpoolFolder::create() {
    static std::atomic<std::uint64_t> last{0};
    Part part{.file = Descriptor{}, .name = name_of(++last, kUnfinished)};
    part.file = Descriptor{check(::openat(folder_.get(), part.name.c_str(),
                                          O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kPrivate),
                                 "open")};
    return part;
}

void SpoolFolder::write(const Part& part, std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const auto count = ::write(part.file.get(), bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail("write");
        bytes = bytes.subspan(static_cast<std::size_t>(count));
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

std::ifstream SpoolFolder::open(std::uint64_t number) const {
    const auto path = path_ / name_of(number, kFinished);
    std::ifstream file{path, std::ios::binary};
    if (!file) fail(path.string());
    return file;
}

void SpoolFolder::remove(std::uint64_t number) {
    // Not synced: a file that comes back after a power cut is published again, which is absorbed.
    check(::unlinkat(folder_.get(), name_of(number, kFinished).c_str(), 0), "unlink");
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
