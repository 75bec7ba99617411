#include "common/http/router.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace events::http {

void Router::add(Route route) {
    const bool taken = std::ranges::any_of(routes_, [&](const Route& other) {
        return other.method == route.method && other.path == route.path;
    });
    if (taken) {
        throw std::invalid_argument{"two routes for " + std::string{to_string(route.method)} + " " +
                                    route.path};
    }
    routes_.push_back(std::move(route));
}

Router::Match Router::find(Method method, std::string_view path) const {
    auto match = find_exactly(method, path);
    if (match.path.empty() && path.size() > 2 && path.ends_with('/')) {
        path.remove_suffix(1);
        const bool exact = std::ranges::any_of(
            routes_, [&](const Route& route) { return route.path == path && route.exact_path; });
        if (!exact) match = find_exactly(method, path);
    }
    return match;
}

Router::Match Router::find_exactly(Method method, std::string_view path) const {
    Match match;
    const Route* get = nullptr;
    for (const auto& route : routes_) {
        if (route.path != path) continue;
        match.path = route.path;
        if (route.method == method) return {.route = &route, .path = route.path};
        if (route.method == Method::get) get = &route;
    }
    if (method == Method::head && get != nullptr) return {.route = get, .path = match.path};

    const auto allow = [&match](Method allowed) {
        if (!match.allow.empty()) match.allow += ", ";
        match.allow += to_string(allowed);
    };
    for (const auto& route : routes_) {
        if (route.path == path) allow(route.method);
    }
    // HEAD was not asked for, or it would have been found above.
    const auto has_head = std::ranges::any_of(routes_, [&](const Route& route) {
        return route.path == path && route.method == Method::head;
    });
    if (get != nullptr && !has_head) allow(Method::head);
    return match;
}

}  // namespace events::http
