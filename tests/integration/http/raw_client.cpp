#include "raw_client.hpp"

#include "support/await.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace events::test {

std::string RawResponse::header(const std::string& lower_case_name) const {
    const auto found = headers.find(lower_case_name);
    return found == headers.end() ? std::string{} : found->second;
}

RawClient::RawClient() : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
    const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

RawClient::RawClient(std::uint16_t port) : RawClient{} {
    connect(port);
}

void RawClient::connect(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error{"can not connect"};
    }
}

RawClient::RawClient(RawClient&& other) noexcept
    : socket_{std::exchange(other.socket_, -1)}, received_{std::move(other.received_)} {}

RawClient::~RawClient() {
    if (socket_ >= 0) ::close(socket_);
}

bool RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void RawClient::shut_write() {
    ::shutdown(socket_, SHUT_WR);
}

bool RawClient::send_urgent() {
    return ::send(socket_, "!", 1, MSG_NOSIGNAL | MSG_OOB) == 1;
}

void RawClient::leave() {
    ::close(std::exchange(socket_, -1));
}

void RawClient::reset() {
    const linger none{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    leave();
}

bool RawClient::fill() {
    std::array<char, 16 * 1024> chunk{};
    const auto got = ::recv(socket_, chunk.data(), chunk.size(), 0);
    if (got <= 0) return false;
    received_.append(chunk.data(), static_cast<std::size_t>(got));
    return true;
}

std::optional<RawResponse> RawClient::receive(bool head_only) {
    auto end = received_.find("\r\n\r\n");
    while (end == std::string::npos) {
        if (!fill()) {
            if (received_.empty()) return std::nullopt;
            throw std::runtime_error{"closed inside a header: " + received_};
        }
        end = received_.find("\r\n\r\n");
    }
    RawResponse response;
    response.status = static_cast<unsigned>(std::stoul(received_.substr(9, 3)));
    auto at = received_.find("\r\n") + 2;
    while (at < end + 2) {
        const auto line_end = received_.find("\r\n", at);
        const auto colon = received_.find(": ", at);
        auto name = received_.substr(at, colon - at);
        std::ranges::transform(name, name.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        response.headers[name] = received_.substr(colon + 2, line_end - colon - 2);
        at = line_end + 2;
    }
    received_.erase(0, end + 4);
    const auto length = response.header("content-length");
    if (head_only || length.empty()) return response;
    while (received_.size() < std::stoul(length)) {
        if (!fill()) throw std::runtime_error{"closed inside a body"};
    }
    response.body = received_.substr(0, std::stoul(length));
    received_.erase(0, std::stoul(length));
    return response;
}

bool RawClient::readable() const {
    pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
    return !received_.empty() || ::poll(&waiting, 1, 0) > 0;
}

bool RawClient::closed() {
    errno = 0;  // an end leaves it as somebody else set it
    while (fill()) {
    }
    const bool in_time = errno != EAGAIN && errno != EWOULDBLOCK;
    return in_time && received_.empty();
}

std::string request(std::string_view method, std::string_view target, std::string_view body,
                    std::string_view more_headers) {
    auto out = fmt::format("{} {} HTTP/1.1\r\nHost: test\r\n{}", method, target, more_headers);
    if (!body.empty()) out += fmt::format("Content-Length: {}\r\n", body.size());
    out += "\r\n";
    out += body;
    return out;
}

}  // namespace events::test
