#include "common/config/text.hpp"
#include "common/http/client.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <utility>

namespace events::http {

Expected<Endpoint, std::string> parse_endpoint(std::string_view url) {
    // Never quotes the URL: there could be a password in it.
    const auto wrong = [](std::string why) { return Unexpected<std::string>{std::move(why)}; };
    const auto parsed = boost::urls::parse_uri({url.data(), url.size()});
    if (!parsed) return wrong("it does not look like http://host:port/path");
    const boost::urls::url_view& view = *parsed;
    if (view.scheme_id() == boost::urls::scheme::https) {
        return wrong("https is not offered: put a proxy that speaks it in between");
    }
    if (view.scheme_id() != boost::urls::scheme::http) return wrong("its scheme is not http");
    if (view.has_userinfo()) return wrong("a user in it is not offered");
    if (view.has_fragment()) return wrong("a server never sees its fragment");

    Endpoint endpoint{.host = view.host_address()};
    if (endpoint.host.empty()) return wrong("it has no host");
    if (!config::is_host(endpoint.host)) return wrong("its host is not one");
    // Boost.URL 1.81 takes "http://host:port" with letters for a port as a path without its slash.
    const bool has_path = !view.encoded_path().empty();
    if (has_path && !view.is_path_absolute()) return wrong("its port is not a number");
    if (view.has_port() && !view.port().empty()) {
        // Digits are sure; a number that does not fit reads as 0.
        endpoint.port = view.port_number();
        if (endpoint.port == 0) return wrong("its port is not from 1 to 65535");
    }
    const std::string target{view.encoded_target()};
    endpoint.target = target.starts_with('/') ? target : "/" + target;
    return endpoint;
}

}  // namespace events::http
