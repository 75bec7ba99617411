#include "support/ports.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <random>
#include <stdexcept>
#include <string>

namespace events::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

bool can_bind(std::uint16_t port) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const auto address = loopback(port);
    const bool free =
        ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(descriptor);
    return free;
}

}  // namespace

std::uint16_t free_port() {
    // Below the kernel's range for outgoing connections, so that none of those takes it meanwhile.
    static std::mt19937 random{std::random_device{}()};
    std::uniform_int_distribution<int> candidates{10'000, 32'000};
    for (int attempt = 0; attempt < 1'000; ++attempt) {
        const auto port = static_cast<std::uint16_t>(candidates(random));
        const auto lock =
            std::filesystem::temp_directory_path() / ("events-test-port-" + std::to_string(port));
        const int descriptor = ::open(lock.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
        if (descriptor < 0) continue;
        // The lock ends with the process; the descriptor stays open on purpose.
        if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0 && can_bind(port)) return port;
        ::close(descriptor);
    }
    throw std::runtime_error{"no free port"};
}

bool accepts_connections(std::uint16_t port) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(port);
    const bool open =
        ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(descriptor);
    return open;
}

}  // namespace events::test
