#pragma once

#include "machine.hpp"
#include "setup.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

namespace events::bench::scaling {

struct Message {
    double taken = 0;  ///< when the gateway had its request, seconds
    int events = 0;
};

/// A source's stream and its collector: one thread gathers and decodes a batch while another one
/// stores the batch before it, on a connection of its own.
class Collector {
  public:
    using Stored = std::function<void(const std::vector<Message>&)>;

    Collector(Machine& machine, const Setup& setup, Stored stored)
        : machine_{machine}, setup_{setup}, stored_{std::move(stored)} {}

    /// The stream has another message.
    void arrive(Message message);
    /// Whether there is no message that the collector has not taken yet.
    [[nodiscard]] bool idle() const noexcept { return stream_.empty(); }

  private:
    enum class Reader { waiting, gathering, decoding, holding };

    void gather();
    void decode();
    void write();

    Machine& machine_;
    const Setup& setup_;
    Stored stored_;
    std::deque<Message> stream_;
    std::vector<Message> batch_;  ///< what the reader has
    int batch_events_ = 0;
    Reader reader_ = Reader::waiting;
    std::uint64_t batches_ = 0;  ///< tells a deadline whether its batch is still being gathered
    bool writing_ = false;
};

}  // namespace events::bench::scaling
