#include "common/http/crowd.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

namespace events::http {
namespace {

struct Candidate {
    Session* session;
    Session::Waiting waiting;

    [[nodiscard]] auto order() const noexcept { return std::tuple{waiting.what, waiting.since}; }
};

/// Those that wait for one of these two, the first to go first.
std::vector<Candidate> candidates(const Crowd& crowd, Session::Wait one, Session::Wait other) {
    std::vector<Candidate> found;
    found.reserve(crowd.size());
    for (const auto& session : crowd) {
        const auto waiting = session->waiting();
        if (waiting.what == one || waiting.what == other) found.push_back({session.get(), waiting});
    }
    std::ranges::sort(found, {}, &Candidate::order);
    return found;
}

}  // namespace

std::size_t make_room(const Crowd& crowd, std::size_t count) {
    std::size_t gone = 0;
    for (const auto& candidate :
         candidates(crowd, Session::Wait::for_request, Session::Wait::for_body)) {
        if (gone == count) break;
        if (candidate.session->make_way()) ++gone;
    }
    return gone;
}

std::size_t give_up_answers(const Crowd& crowd, std::size_t bytes) {
    std::size_t gone = 0;
    std::size_t freed = 0;
    for (const auto& candidate :
         candidates(crowd, Session::Wait::for_reading, Session::Wait::for_reading)) {
        if (freed >= bytes) break;
        if (!candidate.session->make_way()) continue;
        freed += candidate.waiting.bytes;
        ++gone;
    }
    return gone;
}

}  // namespace events::http
