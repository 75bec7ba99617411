#include "common/postgres/interrupter.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <exception>
#include <utility>

namespace events::postgres {

Interrupter::~Interrupter() {
    detach();
}

void Interrupter::attach(std::shared_ptr<Session> connection) noexcept {
    detach();
    const std::lock_guard lock{mutex_};
    socket_ = ::fcntl(connection->sock(), F_DUPFD_CLOEXEC, 0);
    connection_ = std::move(connection);
}

void Interrupter::detach() noexcept {
    std::shared_ptr<Session> last;  // ends outside the lock
    const std::lock_guard lock{mutex_};
    last.swap(connection_);
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

void Interrupter::cancel_statement() noexcept {
    std::shared_ptr<Session> connection;
    {
        const std::lock_guard lock{mutex_};
        connection = connection_;
    }
    if (!connection) return;
    try {
        // libpq reads of the connection what was fixed when it was made: address, process, key.
        connection->cancel_query();
    } catch (const std::exception&) {
        // The server is away, or refuses: so will the statement end, or its timeout end it.
    }
}

void Interrupter::hang_up() noexcept {
    const std::lock_guard lock{mutex_};
    if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
}

}  // namespace events::postgres
