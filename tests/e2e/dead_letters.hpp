#pragma once

#include <map>
#include <string>
#include <vector>

namespace events::test {

struct StoredMessage {
    std::string subject;
    std::string payload;
    std::map<std::string, std::string> headers;
};

/// Every message of a stream, read by its sequence and left there.
[[nodiscard]] std::vector<StoredMessage> read_stream(const std::string& nats_url,
                                                     const std::string& stream);

/// Deletes a stream, with what is in it.
void delete_stream(const std::string& nats_url, const std::string& stream);

}  // namespace events::test
