#include "conversation.hpp"

#include "common/health/registry.hpp"
#include "common/http/correlation_id.hpp"
#include "common/http/operations.hpp"
#include "common/http/problem.hpp"
#include "common/http/session.hpp"
#include "target.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

namespace events::fuzz {
namespace {

namespace asio = boost::asio;
using http::Method;
using http::Response;

constexpr std::size_t kBodyLimit = 4'096;

/// The parts of a server that all conversations share, since they are dear to make.
class World {
  public:
    World()
        : serving_{.options = {.max_header_bytes = 1'024},
                   .router = make_router(),
                   .probe = http::RequestProbe{metrics_, log()}} {}

    [[nodiscard]] http::Serving& serving() noexcept { return serving_; }
    [[nodiscard]] std::vector<std::string>& handled() noexcept { return handled_; }

  private:
    static logging::Logger log() {
        return {"fuzz",
                {.level = logging::Level::debug, .format = logging::Format::json},
                std::make_shared<spdlog::logger>("fuzz",
                                                 std::make_shared<spdlog::sinks::null_sink_mt>())};
    }

    /// Writes down what came; its answer never looks like the beginning of another one.
    asio::awaitable<Response> note(http::Request& request) {
        handled_.push_back(fmt::format("{} {}?{} {}", to_string(request.method), request.path,
                                       request.query, request.body));
        co_return Response{.content_type = "text/plain", .body = "noted"};
    }

    static Expected<std::shared_ptr<http::Permit>, Response> admit(const http::RequestHead& head) {
        if (head.header("X-Full")) {
            return Unexpected<Response>{
                http::retry_later("full", head.correlation_id, std::chrono::seconds{1})};
        }
        return std::make_shared<http::Permit>();
    }

    http::Router make_router() {
        http::Router router;
        http::add_probe_routes(router, health_);
        router.add({.method = Method::post,
                    .path = "/events",
                    .handler = [this](http::Request& request) { return note(request); },
                    .body_limit = kBodyLimit,
                    .admission = admit});
        router.add({.method = Method::get,
                    .path = "/reports/events",
                    .handler = [this](http::Request& request) { return note(request); },
                    .cancel_when_client_leaves = true});
        return router;
    }

    metrics::Registry metrics_;
    health::Registry health_{metrics_};
    std::vector<std::string> handled_;
    http::Serving serving_;
};

/// The client's end of the connection; never blocks.
class Client {
  public:
    explicit Client(int socket) : socket_{socket} {}
    ~Client() { ::close(socket_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// How many of the bytes went; 0 when there is no room; nothing when nobody takes them any
    /// more.
    std::optional<std::size_t> send(std::string_view bytes) const {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) return static_cast<std::size_t>(sent);
        if (errno == EAGAIN) return 0;
        return std::nullopt;
    }
    void end() const { ::shutdown(socket_, SHUT_WR); }
    /// Whether anything was there to read.
    bool read() {
        std::array<char, 16 * 1024> part{};
        const auto got = ::recv(socket_, part.data(), part.size(), MSG_DONTWAIT);
        if (got > 0) received_.append(part.data(), static_cast<std::size_t>(got));
        return got > 0;
    }
    [[nodiscard]] std::string_view received() const noexcept { return received_; }

  private:
    int socket_;
    std::string received_;
};

/// Takes a header off the front: its fields' lines with the status line first.
std::string_view take_header(std::string_view& rest) {
    const auto end = rest.find("\r\n\r\n");
    require(end != std::string_view::npos, "a header ends");
    const auto header = rest.substr(0, end + 2);
    rest.remove_prefix(end + 4);
    return header;
}

std::optional<std::string_view> field(std::string_view header, std::string_view name) {
    const auto at = header.find(fmt::format("\r\n{}: ", name));
    if (at == std::string_view::npos) return std::nullopt;
    const auto begin = at + name.size() + 4;
    return header.substr(begin, header.find("\r\n", begin) - begin);
}

unsigned number(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    require(error == std::errc{} && end == text.data() + text.size(), "a number is one");
    return value;
}

std::vector<unsigned> statuses_in(std::string_view rest) {
    std::vector<unsigned> statuses;
    while (!rest.empty()) {
        constexpr std::string_view kVersion = "HTTP/1.1 ";
        require(rest.starts_with(kVersion), "an answer begins where the one before it ends");
        const auto header = take_header(rest);
        const auto status = number(header.substr(kVersion.size(), 3));
        if (status < 200) continue;
        statuses.push_back(status);
        const auto id = field(header, "X-Correlation-Id");
        require(id && http::is_correlation_id(*id), "an answer has a correlation id");
        const auto length = field(header, "Content-Length");
        require(length.has_value(), "an answer has a length");
        // An answer to HEAD has a length but no body; no body begins like an answer.
        const auto body = number(*length);
        if (rest.empty() || rest.starts_with(kVersion)) continue;
        require(rest.size() >= body, "a body is whole");
        rest.remove_prefix(body);
    }
    return statuses;
}

}  // namespace

Transcript converse(std::string_view text, std::size_t piece) {
    static World world;
    world.handled().clear();
    std::array<int, 2> ends{};
    require(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0, "there are sockets");
    asio::io_context io{1};
    Client client{ends[0]};
    asio::ip::tcp::socket socket{io};
    socket.assign(asio::ip::tcp::v4(), ends[1]);
    http::Session session{std::move(socket), world.serving()};
    bool ended = false;
    asio::co_spawn(io, session.run(), [&](const std::exception_ptr& error) {
        require(error == nullptr, "no client makes a session fail");
        ended = true;
    });
    const auto settle = [&] {
        do {
            io.restart();
            while (io.poll() > 0) {
            }
        } while (client.read());
    };

    settle();
    while (!text.empty() && !ended) {
        const auto sent = client.send(text.substr(0, piece));
        if (!sent) break;
        text.remove_prefix(*sent);
        settle();
    }
    client.end();
    settle();
    require(ended, "a client that has ended is let go");
    return {.statuses = statuses_in(client.received()), .handled = world.handled()};
}

}  // namespace events::fuzz
