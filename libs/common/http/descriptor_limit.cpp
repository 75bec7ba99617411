#include "common/http/descriptor_limit.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace events::http {
namespace {

/// For the database, the broker, the log, and files; connections never get the last of them.
constexpr rlim_t kReserve = 128;

}  // namespace

std::size_t affordable_connections(std::size_t wanted) noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
    const auto needed = static_cast<rlim_t>(wanted) + kReserve;
    if (limit.rlim_cur < needed) {
        auto raised = limit;
        raised.rlim_cur = std::min(needed, limit.rlim_max);
        if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    }
    if (limit.rlim_cur >= needed) return wanted;
    return static_cast<std::size_t>(
        std::max(limit.rlim_cur / 2, limit.rlim_cur - std::min(limit.rlim_cur, kReserve)));
}

}  // namespace events::http
