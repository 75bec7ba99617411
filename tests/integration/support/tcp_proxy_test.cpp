#include "support/tcp_proxy.hpp"

#include "support/await.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace events::test {
namespace {

using namespace std::chrono_literals;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// A blocking socket: what the peers of a proxy see, to the error code.
class Socket {
  public:
    Socket() : descriptor_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {}
    explicit Socket(int descriptor) : descriptor_{descriptor} {}
    ~Socket() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    Socket(Socket&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
    Socket& operator=(Socket&&) = delete;

    /// 0, or errno.
    [[nodiscard]] int connect(std::uint16_t port) const {
        const auto address = loopback(port);
        const bool done = ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address),
                                    sizeof address) == 0;
        return done ? 0 : errno;
    }
    [[nodiscard]] bool readable(std::chrono::milliseconds patience = kPatience) const {
        pollfd wanted{.fd = descriptor_, .events = POLLIN, .revents = 0};
        return ::poll(&wanted, 1, static_cast<int>(patience.count())) == 1;
    }
    void send(std::string_view text) const {
        ASSERT_EQ(::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }
    /// What is here, "<end>" at the peer's FIN, or "<reset>".
    [[nodiscard]] std::string receive() const {
        if (!readable()) return "<nothing>";
        std::string text(64, '\0');
        const auto count = ::recv(descriptor_, text.data(), text.size(), 0);
        if (count < 0) return errno == ECONNRESET ? "<reset>" : "<error>";
        if (count == 0) return "<end>";
        text.resize(static_cast<std::size_t>(count));
        return text;
    }
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

  private:
    int descriptor_;
};

class Listener {
  public:
    Listener() {
        auto address = loopback(0);
        if (::bind(socket_.descriptor(), reinterpret_cast<const sockaddr*>(&address),
                   sizeof address) != 0 ||
            ::listen(socket_.descriptor(), 8) != 0) {
            throw std::system_error{errno, std::generic_category(), "listen"};
        }
        socklen_t size = sizeof address;
        ::getsockname(socket_.descriptor(), reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
    }
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] bool has_caller(std::chrono::milliseconds patience = kPatience) const {
        return socket_.readable(patience);
    }
    [[nodiscard]] Socket accept() const {
        if (!has_caller()) throw std::runtime_error{"nobody connects"};
        return Socket{::accept(socket_.descriptor(), nullptr, nullptr)};
    }

  private:
    Socket socket_;
    std::uint16_t port_ = 0;
};

class TcpProxyTest : public ::testing::Test {
  protected:
    /// A connection through the proxy: the client's end and the server's.
    std::pair<Socket, Socket> connect() {
        Socket client;
        EXPECT_EQ(client.connect(proxy_.port()), 0);
        return {std::move(client), listener_.accept()};
    }

    static void expect_passes(const Socket& client, const Socket& server) {
        client.send("ping");
        EXPECT_EQ(server.receive(), "ping");
        server.send("pong");
        EXPECT_EQ(client.receive(), "pong");
    }

    Listener listener_;
    TcpProxy proxy_{listener_.port()};
};

TEST_F(TcpProxyTest, PassesBytesAndEndsBothWays) {
    {
        const auto [client, server] = connect();
        expect_passes(client, server);
        ::shutdown(client.descriptor(), SHUT_WR);
        EXPECT_EQ(server.receive(), "<end>");
        server.send("still here");
        EXPECT_EQ(client.receive(), "still here");
    }
    EXPECT_EQ(proxy_.accepted(), 1);
}

TEST_F(TcpProxyTest, ResetsWhatIsOpenAndWhatIsNew) {
    const auto [client, server] = connect();
    expect_passes(client, server);
    proxy_.set(ProxyMode::reset);
    EXPECT_EQ(client.receive(), "<reset>");
    EXPECT_EQ(server.receive(), "<reset>");
    Socket late;
    if (late.connect(proxy_.port()) == 0) {
        EXPECT_EQ(late.receive(), "<reset>");
    }

    proxy_.set(ProxyMode::pass);
    const auto [again, its_server] = connect();
    expect_passes(again, its_server);
}

TEST_F(TcpProxyTest, SwallowsInABlackHoleAndResetsWhatLostSomethingAfterwards) {
    const auto [client, server] = connect();
    const auto [silent, its_server] = connect();
    proxy_.set(ProxyMode::black_hole);
    client.send("lost");
    ASSERT_TRUE(await([&] { return proxy_.swallowed() == 1; }));
    EXPECT_FALSE(server.readable(100ms));
    Socket late;
    ASSERT_EQ(late.connect(proxy_.port()), 0);
    late.send("lost, too");
    ASSERT_TRUE(await([&] { return proxy_.swallowed() == 2; }));
    EXPECT_FALSE(listener_.has_caller(100ms));
    EXPECT_FALSE(late.readable(0ms)) << "nobody is told";

    proxy_.set(ProxyMode::pass);
    EXPECT_EQ(client.receive(), "<reset>");
    EXPECT_EQ(server.receive(), "<reset>");
    EXPECT_EQ(late.receive(), "<reset>");
    expect_passes(silent, its_server);  // it lost nothing
}

TEST_F(TcpProxyTest, SwallowsAnEndInABlackHole) {
    const auto [client, server] = connect();
    proxy_.set(ProxyMode::black_hole);
    ::shutdown(server.descriptor(), SHUT_WR);
    ASSERT_TRUE(await([&] { return proxy_.swallowed() == 1; }));
    EXPECT_FALSE(client.readable(100ms));
    proxy_.set(ProxyMode::pass);
    EXPECT_EQ(client.receive(), "<reset>");
}

TEST_F(TcpProxyTest, DelaysEachDirection) {
    const auto [client, server] = connect();
    proxy_.set(ProxyMode::delay, 150ms);
    const auto start = std::chrono::steady_clock::now();
    expect_passes(client, server);
    EXPECT_GE(std::chrono::steady_clock::now() - start, 300ms);
    proxy_.set(ProxyMode::pass);
    expect_passes(client, server);
}

TEST_F(TcpProxyTest, EndsOneDirectionOnly) {
    const auto [client, server] = connect();
    expect_passes(client, server);
    proxy_.set(ProxyMode::half_close);
    EXPECT_EQ(client.receive(), "<end>");
    client.send("and yet");
    EXPECT_EQ(server.receive(), "and yet");
    const auto [late, its_server] = connect();
    expect_passes(late, its_server);
}

TEST_F(TcpProxyTest, RefusesNewConnectionsAndLeavesTheOpenOnes) {
    const auto [client, server] = connect();
    proxy_.set(ProxyMode::refuse);
    EXPECT_EQ(Socket{}.connect(proxy_.port()), ECONNREFUSED);
    expect_passes(client, server);
    proxy_.set(ProxyMode::pass);
    const auto [late, its_server] = connect();
    expect_passes(late, its_server);
}

}  // namespace
}  // namespace events::test
