#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace events::test {

/// An answer as it came over the wire; header names in lower case.
struct RawResponse {
    unsigned status = 0;
    std::map<std::string, std::string> headers;
    std::string body;

    [[nodiscard]] std::string header(const std::string& lower_case_name) const;
};

/// A TCP connection that sends any bytes, right or wrong, and reads answers. Blocking, with the
/// tests' patience; throws std::runtime_error when the connection breaks in the middle.
class RawClient {
  public:
    explicit RawClient(std::uint16_t port);
    /// A socket that is not connected yet.
    RawClient();
    ~RawClient();
    RawClient(RawClient&& other) noexcept;
    RawClient& operator=(RawClient&&) = delete;

    void connect(std::uint16_t port);

    /// Sends everything; false when the peer stopped taking it.
    bool send(std::string_view bytes);
    void shut_write();
    /// One byte of urgent data.
    bool send_urgent();
    /// Closes the connection: FIN.
    void leave();
    /// Closes the connection: RST.
    void reset();

    /// The next answer; nothing when the peer closed before its first byte.
    [[nodiscard]] std::optional<RawResponse> receive(bool head_only = false);

    /// Whether something has come, or the end.
    [[nodiscard]] bool readable() const;

    /// Waits for the peer's end; true when it came, as FIN or RST, and no byte before it.
    [[nodiscard]] bool closed();

  private:
    bool fill();

    int socket_ = -1;
    std::string received_;
};

/// A request with Host, and Content-Length where it has a body.
[[nodiscard]] std::string request(std::string_view method, std::string_view target,
                                  std::string_view body = {}, std::string_view more_headers = {});

}  // namespace events::test
