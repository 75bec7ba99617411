#pragma once

#include "common/http/message.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace events::http {

/// What a path does. HEAD is answered by the GET handler, without the body.
struct Route {
    Method method;
    std::string path;  ///< exact, e.g. "/events"; also the `route` label of the metrics
    Handler handler;
    std::uint64_t body_limit = 0;  ///< bytes of a request body; 0: a body is refused with 413
    Admission admission{};         ///< optional
    /// Whether the handler is cancelled (Asio's terminal cancellation) when the client leaves
    /// before its answer: for work that is of no use to anybody else. See Session::await_departure.
    bool cancel_when_client_leaves = false;
    /// Whether "/path/" is another path: for what proxies keep inside by its path.
    bool exact_path = false;
};

/// The routes of a daemon, fixed before the server starts; read-only afterwards, so thread-safe.
class Router {
  public:
    void add(Route route);

    struct Match {
        const Route* route = nullptr;  ///< null: see `allow`
        std::string_view path{};       ///< as its routes have it; empty: the path does not exist
        std::string allow{};           ///< where the path lacks the method: those that it has
    };

    /// A path that does not exist is found without its last slash, "/events/" as "/events", unless
    /// its routes say otherwise.
    [[nodiscard]] Match find(Method method, std::string_view path) const;
    [[nodiscard]] const std::vector<Route>& routes() const noexcept { return routes_; }

  private:
    [[nodiscard]] Match find_exactly(Method method, std::string_view path) const;

    std::vector<Route> routes_;
};

}  // namespace events::http
