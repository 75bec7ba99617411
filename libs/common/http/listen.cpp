#include "common/http/listen.hpp"

#include <fmt/format.h>

#include <system_error>

namespace events::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

tcp::acceptor listen(asio::io_context& io, const std::string& host, std::uint16_t port) {
    const auto check = [&](const error_code& error) {
        if (!error) return;
        throw std::system_error{static_cast<std::error_code>(error),
                                fmt::format("HTTP on {}:{}", host, port)};
    };
    error_code error;
    auto address = asio::ip::make_address(host, error);
    if (error) {
        tcp::resolver resolver{io};
        const auto found = resolver.resolve(host, "", tcp::resolver::passive, error);
        check(error);
        address = found.begin()->endpoint().address();
    }
    const tcp::endpoint endpoint{address, port};
    tcp::acceptor acceptor{io};
    acceptor.open(endpoint.protocol(), error);
    check(error);
    acceptor.set_option(tcp::acceptor::reuse_address{true}, error);
    check(error);
    acceptor.bind(endpoint, error);
    check(error);
    acceptor.listen(asio::socket_base::max_listen_connections, error);
    check(error);
    return acceptor;
}

}  // namespace events::http
