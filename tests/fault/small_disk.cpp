#include "small_disk.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace events::test {
namespace {

constexpr auto kFiller = "filler";

/// Sets or takes a folder's flag that it is immutable; false with errno where that is not possible.
bool set_immutable(const std::filesystem::path& folder, bool on) {
    const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) return false;
    int flags = 0;
    bool done = ::ioctl(file, FS_IOC_GETFLAGS, &flags) == 0;
    flags = on ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
    done = done && ::ioctl(file, FS_IOC_SETFLAGS, &flags) == 0;
    const int error = errno;
    ::close(file);
    errno = error;
    return done;
}

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error{errno, std::generic_category(), what};
}

}  // namespace

bool own_mounts() {
    return ::unshare(CLONE_NEWNS) == 0 &&
           ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

SmallDisk::SmallDisk(std::filesystem::path folder, std::size_t mebibytes)
    : path_{std::move(folder)} {
    std::filesystem::create_directories(path_);
    const auto options = "mode=0777,size=" + std::to_string(mebibytes) + "m";
    if (::mount("tmpfs", path_.c_str(), "tmpfs", 0, options.c_str()) != 0) fail("mount");
}

SmallDisk::~SmallDisk() {
    ::umount2(path_.c_str(), MNT_DETACH);
}

void SmallDisk::fill() const {
    const int file = ::open((path_ / kFiller).c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0) fail("the filler");
    const std::string zeros(4096, '\0');
    while (::write(file, zeros.data(), zeros.size()) > 0) {
    }
    const int error = errno;
    ::close(file);
    if (error != ENOSPC) fail("the filler");
}

void SmallDisk::free() const {
    std::filesystem::remove(path_ / kFiller);
}

bool SmallDisk::can_be_read_only() const {
    return set_immutable(path_, true) && set_immutable(path_, false);
}

void SmallDisk::set_read_only(const std::filesystem::path& folder, bool on) const {
    if (!set_immutable(path_ / folder, on)) fail("immutable");
}

}  // namespace events::test
