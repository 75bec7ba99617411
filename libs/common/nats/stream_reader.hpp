#pragma once

#include "common/nats/connection.hpp"
#include "common/nats/handles.hpp"
#include "common/nats/inbox.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace events::nats {

/// A message as a stream holds it. Its views live as long as it does.
class StoredMessage {
  public:
    StoredMessage(MessageHandle message, std::uint64_t sequence,
                  std::chrono::sys_time<std::chrono::nanoseconds> stored_at)
        : message_{std::move(message)}, sequence_{sequence}, stored_at_{stored_at} {}

    [[nodiscard]] std::uint64_t sequence() const noexcept { return sequence_; }
    /// By the broker's clock.
    [[nodiscard]] std::chrono::sys_time<std::chrono::nanoseconds> stored_at() const noexcept {
        return stored_at_;
    }
    [[nodiscard]] std::string_view subject() const noexcept;
    /// Empty where only the headers were asked for.
    [[nodiscard]] std::string_view payload() const noexcept;
    /// Of the payload, in bytes, also where it was not asked for.
    [[nodiscard]] std::uint64_t size() const;
    [[nodiscard]] std::optional<std::string_view> header(const char* name) const;

  private:
    MessageHandle message_;
    std::uint64_t sequence_;
    std::chrono::sys_time<std::chrono::nanoseconds> stored_at_;
};

/// What is read of a stream.
struct ReadRange {
    std::string subject = {};  ///< of one subject only; empty: of all
    std::uint64_t first = 1;   ///< sequence; what is not there any more is passed over
    std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
    bool headers_only = false;
};

/// Reads messages of a stream in the order of their sequence and changes nothing in it: by a
/// consumer of its own, without acknowledgements, that the broker forgets when it is not used for
/// half a minute. Not for a work queue, whose consumers may not overlap.
///
/// It ends where nothing is left; `last` bounds it where more may come meanwhile. After a reconnect
/// it goes on where it was. Single-threaded. The connection must outlive it.
/// Failure: Error, when there is no such stream, or the broker does not answer for a while.
class StreamReader {
  public:
    StreamReader(Connection& connection, std::string stream, ReadRange range);
    ~StreamReader();
    StreamReader(const StreamReader&) = delete;
    StreamReader& operator=(const StreamReader&) = delete;

    /// Nothing behind the last one.
    [[nodiscard]] std::optional<StoredMessage> next();

    /// How many messages there were from `first` on when it began.
    [[nodiscard]] std::uint64_t found() const noexcept { return found_; }

  private:
    [[nodiscard]] std::optional<StoredMessage> look();
    std::uint64_t create_consumer();
    void drop_consumer() noexcept;
    void request();
    [[nodiscard]] MessageHandle receive();
    [[nodiscard]] bool has_more();
    void try_again(const std::string& why);

    Connection& connection_;
    const std::string stream_;
    const ReadRange range_;
    std::uint64_t next_;
    std::uint64_t found_ = 0;
    bool done_ = false;

    std::string consumer_;  ///< its name; empty while there is none
    std::uint64_t generation_ = 0;
    std::unique_ptr<Inbox> inbox_;
    std::size_t outstanding_ = 0;  ///< messages of the request that is under way
    int failures_ = 0;             ///< since the last message
};

}  // namespace events::nats
