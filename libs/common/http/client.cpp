#include "common/http/client.hpp"

#include "common/http/wire.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

namespace events::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kMaxResponseBody = std::uint64_t{64} * 1024 * 1024;

/// An error that names the step; a deadline is told as such.
std::string describe(std::string_view step, const error_code& error) {
    return fmt::format("{}: {}", step,
                       error == asio::error::timed_out ? "no time left" : error.message());
}

}  // namespace

std::string_view ClientResponse::header(std::string_view name) const noexcept {
    for (const auto& [field, value] : headers) {
        if (beast::iequals(field, name)) return value;
    }
    return {};
}

/// Runs one asynchronous operation at a time to its end, on the caller's thread.
class Client::Impl {
  public:
    Impl(std::string host, std::uint16_t port) : host_{std::move(host)}, port_{port} {}

    Expected<ClientResponse, ClientError> send(const ClientRequest& request,
                                               std::chrono::milliseconds deadline);

  private:
    using Parser = beast::http::response_parser<beast::http::string_body>;

    template <typename Start>
    error_code await(Start&& start);
    error_code connect();
    error_code write(const std::string& head, std::string_view body, std::size_t& written);
    error_code read(std::optional<Parser>& parser, bool head_only);
    [[nodiscard]] std::string head_of(const ClientRequest& request) const;
    [[nodiscard]] bool is_still_open();
    void close();

    std::string host_;
    std::uint16_t port_;
    asio::io_context io_{1};
    tcp::socket socket_{io_};
    beast::flat_buffer buffer_;
    Clock::time_point deadline_;
};

/// Starts an operation with a handler `(error_code)` and waits for it; at the deadline it closes
/// the connection, which ends the operation, so that nothing it refers to is used afterwards.
template <typename Start>
error_code Client::Impl::await(Start&& start) {
    std::optional<error_code> result;
    start([&result](const error_code& error) { result = error; });
    io_.restart();
    io_.run_until(deadline_);
    if (result) return *result;
    close();
    io_.restart();
    io_.run();
    return asio::error::timed_out;
}

error_code Client::Impl::connect() {
    error_code error;
    tcp::resolver resolver{io_};
    // Has the system resolver's own timeouts, which can't be shortened from here.
    const auto endpoints =
        resolver.resolve(host_, std::to_string(port_), tcp::resolver::numeric_service, error);
    if (error) return error;
    error = await([&](auto done) {
        asio::async_connect(
            socket_, endpoints,
            [done](const error_code& result, const tcp::endpoint&) { done(result); });
    });
    error_code ignored;
    if (!error) socket_.set_option(tcp::no_delay{true}, ignored);
    return error;
}

error_code Client::Impl::write(const std::string& head, std::string_view body,
                               std::size_t& written) {
    const std::array<asio::const_buffer, 2> parts{asio::buffer(head), asio::buffer(body)};
    return await([&](auto done) {
        asio::async_write(socket_, parts, [done, &written](const error_code& error, std::size_t n) {
            written = n;
            done(error);
        });
    });
}

error_code Client::Impl::read(std::optional<Parser>& parser, bool head_only) {
    error_code error;
    do {  // 1xx answers come before the real one
        parser.emplace();
        parser->body_limit(kMaxResponseBody);
        parser->skip(head_only);
        error = await([&](auto done) {
            beast::http::async_read(
                socket_, buffer_, *parser,
                [done](const error_code& result, std::size_t) { done(result); });
        });
    } while (!error && parser->get().result_int() / 100 == 1);
    return error;
}

std::string Client::Impl::head_of(const ClientRequest& request) const {
    std::string out = fmt::format("{} {} HTTP/1.1\r\n", request.method, request.target);
    const bool is_ipv6 = host_.find(':') != std::string::npos;
    append_field(out, "Host", fmt::format("{}:{}", is_ipv6 ? "[" + host_ + "]" : host_, port_));
    if (!request.content_type.empty()) append_field(out, "Content-Type", request.content_type);
    if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
        append_field(out, "Content-Length", std::to_string(request.body.size()));
    }
    for (const auto& [name, value] : request.headers) append_field(out, name, value);
    out += "\r\n";
    return out;
}

/// Whether a kept connection can take another request: the server has neither closed it nor said
/// anything unasked.
bool Client::Impl::is_still_open() {
    if (!socket_.is_open()) return false;
    error_code error;
    socket_.non_blocking(true, error);
    char byte = 0;
    socket_.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, error);
    return error == asio::error::would_block;
}

void Client::Impl::close() {
    error_code ignored;
    socket_.close(ignored);
    buffer_.clear();
}

Expected<ClientResponse, ClientError> Client::Impl::send(const ClientRequest& request,
                                                         std::chrono::milliseconds deadline) {
    const auto failed = [this](std::string message, bool sent) {
        close();
        return Unexpected<ClientError>{ClientError{.message = std::move(message), .sent = sent}};
    };
    deadline_ = Clock::now() + deadline;
    const auto head = head_of(request);
    bool kept = is_still_open();
    std::size_t written = 0;
    error_code error;
    while (true) {
        if (!kept) {
            close();
            error = connect();
            if (error) return failed(describe("can not connect", error), false);
        }
        error = write(head, request.body, written);
        // Safe to repeat: not a byte was taken by the connection, which had ended meanwhile.
        if (!(error && error != asio::error::timed_out && kept && written == 0)) break;
        kept = false;
    }
    if (error && (written == 0 || error == asio::error::timed_out)) {
        return failed(describe("can not send", error), written > 0);
    }
    // A server may refuse a body before it has all of it, and then stop reading: its answer counts.
    std::optional<Parser> parser;
    const auto unanswered = read(parser, request.method == "HEAD");
    if (unanswered) return failed(describe("no answer", error ? error : unanswered), true);

    if (error || !parser->keep_alive() || buffer_.size() > 0) close();
    auto message = parser->release();
    ClientResponse response{.status = message.result_int(), .body = std::move(message.body())};
    for (const auto& field : message) {
        response.headers.emplace_back(std::string{field.name_string()}, std::string{field.value()});
    }
    return response;
}

Client::Client(std::string host, std::uint16_t port)
    : impl_{std::make_unique<Impl>(std::move(host), port)} {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Expected<ClientResponse, ClientError> Client::send(const ClientRequest& request,
                                                   std::chrono::milliseconds deadline) {
    return impl_->send(request, deadline);
}

}  // namespace events::http
