#pragma once

#include "common/nats/jetstream.hpp"
#include "common/nats/stream_reader.hpp"
#include "dlq/filter.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace events::dlq {

/// What is read of each letter.
enum class Parts : std::uint8_t { all, headers };

/// The letters that a filter chooses, oldest first, up to those that were there when it began.
/// Single-threaded. Throws nats::Error when the broker does not answer.
class LetterReader {
  public:
    LetterReader(nats::Connection& connection, const Filter& filter, Parts parts,
                 SequenceRange range);

    /// Nothing behind the last one.
    [[nodiscard]] std::optional<Letter> next();

    /// How many letters it has to look at, at most, and how many of them it has looked at.
    [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
    [[nodiscard]] std::uint64_t looked_at() const noexcept { return looked_at_; }

  private:
    const Filter& filter_;
    std::unique_ptr<nats::StreamReader> reader_;  ///< null: there is nothing to read
    std::uint64_t total_ = 0;
    std::uint64_t looked_at_ = 0;
};

/// EVENTS_DEAD. Single-threaded. Throws nats::Error when the broker does not answer.
class Letters {
  public:
    /// `interrupted`: set when the user wants the end; reading then stops at the next letter.
    Letters(nats::Connection& connection, const std::atomic<bool>& interrupted)
        : connection_{connection}, jetstream_{connection}, interrupted_{interrupted} {}

    /// No letter was ever written where there is no such stream.
    [[nodiscard]] nats::StreamInfo info();

    /// `filter` outlives the reader.
    [[nodiscard]] LetterReader read(const Filter& filter, Parts parts);

    /// Calls `use` for each letter, the newest first, until it gives false: in portions, from the
    /// end, so that the first few of a hundred thousand cost no more than a few.
    void read_backwards(const Filter& filter, Parts parts,
                        const std::function<bool(const Letter&)>& use);

    /// False when it is not there any more.
    bool remove(std::uint64_t sequence);
    /// Removes everything up to and with that sequence; how many letters those were.
    std::uint64_t remove_until(std::uint64_t last);

    [[nodiscard]] bool interrupted() const noexcept { return interrupted_.load(); }

  private:
    /// The part of the filter's sequences that the stream has.
    [[nodiscard]] SequenceRange bounds(const Filter& filter);

    nats::Connection& connection_;
    nats::JetStream jetstream_;
    const std::atomic<bool>& interrupted_;
};

}  // namespace events::dlq
