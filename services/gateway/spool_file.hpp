#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace events::gateway {

/// A file of the spool: the messages of one request. Every number is unsigned and little-endian.
///
///     file    = "evspool1"  record*  end
///     record  = length (4: the body's bytes)  checksum (4)  body
///     body    = "M"  text (the subject)  count (4)  (text text)* (headers)  payload (the rest)
///     text    = length (4)  bytes
///     end     = a record whose body is  "E"  count (8: the records before it)  checksum (4)
///
/// A record's checksum is the CRC-32C of its length's four bytes and its body; the end's is that of
/// the checksums (4 bytes each) of all records before it, so that none stands in another's place.
/// A file that was cut, has grown, or differs in a single bit is no file of the spool.

/// A message as it would have been published.
struct SpooledMessage {
    std::string subject;
    std::map<std::string, std::string> headers;
    std::string payload;
    std::size_t place = 0;  ///< which one of its file, from 0
};

/// The bytes are not what a gateway wrote; what() says where and what is wrong, and quotes nothing
/// of them.
class NotASpoolFile : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Makes a file, from its first byte to its last: messages, then end(). Single-threaded.
class SpoolFileEncoder {
  public:
    SpoolFileEncoder();

    void add(std::string_view subject, const std::map<std::string, std::string>& headers,
             std::string_view payload);
    void end();

    /// What was made since the last clear().
    [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }
    void clear() noexcept { bytes_.clear(); }

  private:
    void begin_record(char kind);
    void end_record();

    std::string bytes_;
    std::size_t record_ = 0;  ///< where the one that is being made begins
    std::uint64_t count_ = 0;
    std::string checksums_;
};

/// The messages of a whole file, of this form or of the former one (spool_cbor.hpp). Whatever the
/// file holds, the memory taken is of its size, and the stack's depth a constant. Throws
/// NotASpoolFile.
[[nodiscard]] std::vector<SpooledMessage> decode(std::string_view file);

}  // namespace events::gateway
