#include "gateway/descriptor.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace events::gateway {
namespace {

constexpr mode_t kPrivate = 0600;

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error{errno, std::generic_category(), what};
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
    if (::close(std::exchange(number_, -1)) != 0) fail("close");
}

std::optional<Descriptor> try_lock(const std::filesystem::path& file) {
    Descriptor lock{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kPrivate)};
    if (!lock.is_open()) fail(file.string());
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno == EWOULDBLOCK) return std::nullopt;
    fail(file.string());
}

}  // namespace events::gateway
