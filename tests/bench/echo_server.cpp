#include "echo_server.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace events::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::uint64_t kMaxBody = 50 * 1024 * 1024;

/// A connection; lives as long as an operation on it does.
class Session : public std::enable_shared_from_this<Session> {
  public:
    explicit Session(tcp::socket socket) : socket_{std::move(socket)} {
        socket_.set_option(tcp::no_delay{true});
        answer_.result(http::status::created);
        answer_.set(http::field::content_type, "application/json");
        answer_.body() = R"({"saved":1,"failed":0})";
        answer_.prepare_payload();
    }

    void read() {
        request_.emplace();
        request_->body_limit(kMaxBody);
        http::async_read(socket_, buffer_, *request_,
                         [self = shared_from_this()](const error_code& error, std::size_t) {
                             if (!error) self->write();
                         });
    }

  private:
    void write() {
        http::async_write(socket_, answer_,
                          [self = shared_from_this()](const error_code& error, std::size_t) {
                              if (!error) self->read();
                          });
    }

    tcp::socket socket_;
    boost::beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> request_;
    http::response<http::string_body> answer_;
};

}  // namespace

EchoServer::EchoServer() : acceptor_{io_, {asio::ip::address_v4::loopback(), 0}} {
    accept();
    thread_ = std::jthread{[this] { io_.run(); }};
}

EchoServer::~EchoServer() {
    io_.stop();
}

void EchoServer::accept() {
    acceptor_.async_accept([this](const error_code& error, tcp::socket socket) {
        if (error) return;
        std::make_shared<Session>(std::move(socket))->read();
        accept();
    });
}

}  // namespace events::bench
