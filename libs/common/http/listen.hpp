#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>

namespace events::http {

/// Listens on an address, or on the first one of a host's name. Port 0: any free one.
/// Failure: std::system_error, e.g. when the address is taken.
[[nodiscard]] boost::asio::ip::tcp::acceptor listen(boost::asio::io_context& io,
                                                    const std::string& host, std::uint16_t port);

}  // namespace events::http
