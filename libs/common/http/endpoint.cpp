#include "common/http/client.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace events::http {

Expected<Endpoint, std::string> parse_endpoint(std::string_view url) {
    const auto wrong = [&](std::string_view why) {
        return Unexpected<std::string>{"\"" + std::string{url} + "\" " + std::string{why}};
    };
    const auto parsed = boost::urls::parse_uri({url.data(), url.size()});
    if (!parsed) return wrong("is not a URL such as http://host:port/path");
    const boost::urls::url_view view = *parsed;
    if (view.scheme_id() == boost::urls::scheme::https) {
        return wrong("is https, which is not offered: put a proxy that speaks it in between");
    }
    if (view.scheme_id() != boost::urls::scheme::http) return wrong("is not an http URL");
    if (view.has_userinfo()) return wrong("has a user, which is not offered");
    if (view.has_fragment()) return wrong("has a fragment, which a server never sees");

    Endpoint endpoint{.host = view.host_address()};
    if (endpoint.host.empty()) return wrong("has no host");
    // Boost.URL 1.81 takes "http://host:port" with letters for a port as a path without its slash.
    const bool has_path = !view.encoded_path().empty();
    if (has_path && !view.is_path_absolute()) return wrong("has a port that is not a number");
    if (view.has_port() && !view.port().empty()) {
        // Digits are sure; a number that does not fit reads as 0.
        endpoint.port = view.port_number();
        if (endpoint.port == 0) return wrong("has no port from 1 to 65535");
    }
    const std::string target{view.encoded_target()};
    endpoint.target = target.starts_with('/') ? target : "/" + target;
    return endpoint;
}

}  // namespace events::http
