#pragma once

#include "common/http/session.hpp"

#include <cstddef>
#include <memory>
#include <unordered_set>

namespace events::http {

/// The open connections of a server.
using Crowd = std::unordered_set<std::shared_ptr<Session>>;

/// Lets up to `count` connections go that wait for their clients: first those without a request
/// whose body is on its way, and of these those that have been silent longest. Connections whose
/// request is being answered stay. Returns how many it let go; they end soon after.
std::size_t make_room(const Crowd& crowd, std::size_t count);

/// Lets connections go whose clients do not take their answers, those that have been at it longest
/// first, until at least `bytes` of answers are given up. Returns how many it let go.
std::size_t give_up_answers(const Crowd& crowd, std::size_t bytes);

}  // namespace events::http
