#include "canary.hpp"
#include "injections.hpp"
#include "support/await.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

namespace events::test {
namespace {

/// With the flag no file in the folder can be made, renamed or removed, by root neither. A file
/// system can't be made read-only while the gateway has a file open to write, but by an error of
/// its disk; to the gateway it is the same.
void set_immutable(const std::filesystem::path& folder, bool immutable) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int flags = 0;
    bool done = descriptor >= 0 && ::ioctl(descriptor, FS_IOC_GETFLAGS, &flags) == 0;
    flags = immutable ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
    done = done && ::ioctl(descriptor, FS_IOC_SETFLAGS, &flags) == 0;
    const int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    if (!done) throw std::system_error{error, std::generic_category(), folder.string()};
}

/// It and all folders in it.
std::vector<std::filesystem::path> folders_of(const std::filesystem::path& top) {
    std::vector<std::filesystem::path> folders{top};
    for (const auto& entry : std::filesystem::recursive_directory_iterator{top}) {
        if (entry.is_directory()) folders.push_back(entry.path());
    }
    return folders;
}

}  // namespace

void make_spool_read_only(Suite& suite, const Fault& fault) {
    suite.nats().kill();
    require(await([&] { return suite.spooled_files() > 0; }), "nothing is spooled without NATS");
    const auto folders = folders_of(suite.disk("spool").path());
    for (const auto& folder : folders) set_immutable(folder, true);
    require(await([&] { return !suite.stack().is_ready("gateway"); }),
            "the gateway is ready while neither NATS nor the spool takes events");
    hold(fault);
    suite.nats().start();
    // The spool can't be emptied, and is not needed.
    Canary canary{suite};
    require(await([&] { return canary.post(); }), "a spool that can't be emptied blocks POSTs");
    require(await([&] { return suite.stack().is_ready("gateway"); }),
            "the gateway is unready while NATS takes events");
    for (const auto& folder : folders) set_immutable(folder, false);
}

}  // namespace events::test
