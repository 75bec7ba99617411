#include "small_disk.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace events::test {
namespace {

constexpr auto kFiller = "filler";

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

}  // namespace events::test
