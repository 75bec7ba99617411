#pragma once

#include "common/collector/batch.hpp"
#include "common/events/parser.hpp"

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace events::collector {

/// What one batch may hold.
struct BatchLimits {
    std::size_t events = 1000;
    std::size_t bytes = std::size_t{24} << 20;  ///< of payloads and of what is decoded of them
};

/// The most memory that an event of a line of that size takes, besides the line itself, until it
/// is stored: its fields, its texts without escapes, its row.
[[nodiscard]] std::size_t decoded_size(std::size_t line) noexcept;

/// A message whose events go into one batch or, where it has more than a batch may hold, several.
struct IncomingMessage {
    explicit IncomingMessage(std::shared_ptr<Item> message);

    /// What is not decoded yet.
    [[nodiscard]] std::string_view rest() const noexcept;
    [[nodiscard]] bool is_decoded() const noexcept { return decoded == lines.size(); }

    std::shared_ptr<Item> item;
    std::vector<std::string_view> lines;  ///< of its payload, without empty ones
    std::size_t decoded = 0;              ///< so many of them
};

/// Decodes messages, line by line, into batches. Nothing that a message holds is trusted: what is
/// no event of this source is in `rejected`, and so is the whole of what can't be read, whatever
/// the reason: it costs that message alone. One thread.
class Decoder {
  public:
    Decoder(Source source, BatchLimits limits) : source_{source}, limits_{limits} {}

    /// How many events a batch may hold from here on.
    void allow(std::size_t events) noexcept { limits_.events = events; }

    /// Whether the message fits, besides what the batch holds.
    [[nodiscard]] bool fits(const IncomingMessage& message, const Batch& batch) const noexcept;

    /// Decodes the message's rest into the batch until that is full; then some of it is left, and
    /// the batch is cut there.
    void decode(IncomingMessage& message, Batch& batch);

    [[nodiscard]] bool is_full(const Batch& batch) const noexcept {
        return batch.figures.events >= limits_.events || batch.decoded_bytes >= limits_.bytes;
    }

  private:
    void decode_lines(IncomingMessage& message, Batch& batch);
    void decode_line(const Origin& origin, Batch& batch);

    Source source_;
    BatchLimits limits_;
    Parser parser_;
};

}  // namespace events::collector
