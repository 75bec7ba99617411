#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace events::gateway {

/// A message as it would have been published.
struct SpooledMessage {
    std::string subject;
    std::map<std::string, std::string> headers;
    std::string payload;
};

/// It was not written by encode(); what() says what is wrong, and quotes no payload.
class NotASpoolFile : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Appends an item of a CBOR sequence (RFC 8742) to `bytes`:
/// {"subject": text, "headers": {text: text}, "payload": bytes}.
void encode(std::string_view subject, std::map<std::string, std::string> headers,
            std::string_view payload, std::vector<std::uint8_t>& bytes);

/// The items of a whole file. An item may have other members with a single value: they are passed
/// over. Whatever the file holds, the memory taken is of its size, and the stack's depth a
/// constant. Throws NotASpoolFile.
[[nodiscard]] std::vector<SpooledMessage> decode(std::istream& file);

}  // namespace events::gateway
