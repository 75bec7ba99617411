#include "gateway/spool.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace events::gateway {

std::string Spool::problem() const {
    const std::lock_guard lock{mutex_};
    return problem_;
}

void Spool::look(bool by_writing) {
    std::uint64_t needed = 0;
    {
        const std::lock_guard lock{mutex_};
        needed = refused_bytes_;
        by_writing |= !problem_.empty();
    }
    try {
        require_in_place();
        folder_.require_room(needed);
        if (by_writing) folder_.try_writing(needed);
        const std::lock_guard lock{mutex_};
        require_allowed(needed);
    } catch (const std::system_error& error) {
        return set_problem(error.what(), needed);
    }
    set_problem({}, 0);
}

void Spool::require_in_place() {
    const std::lock_guard lock{mutex_};
    if (!folder_.require_in_place()) return;
    log_.warn("the lock file of the spool was gone, and is made anew");
    take_stock();
    show();
}

void Spool::set_problem(std::string problem, std::uint64_t bytes) {
    {
        const std::lock_guard lock{mutex_};
        refused_bytes_ = bytes;
        if (problem_ == problem) return;
        problem_ = problem;
    }
    if (problem.empty()) {
        log_.info("the spool can take events again");
    } else {
        log_.error("the spool can't take events", {{"err", problem}});
    }
}

void Spool::require_allowed(std::uint64_t bytes) const {
    if (bytes > options_.max_bytes - std::min(bytes_, options_.max_bytes)) {
        throw std::system_error{ENOSPC, std::generic_category(), "SPOOL_MAX_BYTES"};
    }
}

void Spool::reserve(std::uint64_t bytes) {
    const std::lock_guard lock{mutex_};
    require_allowed(bytes);
    bytes_ += bytes;
}

void Spool::release(std::uint64_t bytes) {
    const std::lock_guard lock{mutex_};
    bytes_ -= bytes;
    show();
}

}  // namespace events::gateway
