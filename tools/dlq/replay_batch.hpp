#pragma once

#include "common/nats/publisher.hpp"
#include "dlq/letters.hpp"
#include "dlq/plan.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace events::dlq {

/// What became of a letter that was to be replayed.
struct Replayed {
    std::uint64_t sequence = 0;
    std::uint64_t events = 0;     ///< that JetStream has now
    std::uint64_t known = 0;      ///< of them: that it had already, from a replay before
    std::uint64_t leftovers = 0;  ///< letters that were made of it
    bool settled = false;         ///< everything is acknowledged, and the letter deleted
    bool unreachable = false;     ///< no answer; otherwise the broker refused
    std::string why = {};         ///< where it is not settled
};

/// Letters whose messages are under way at one time: few enough to be done with them soon after an
/// interrupt, enough not to wait for each. Single-threaded.
class ReplayBatch {
  public:
    ReplayBatch(nats::Publisher& publisher, Letters& letters)
        : publisher_{publisher}, letters_{letters} {}

    /// Takes a letter that is replayable.
    void add(const Letter& letter, const Plan& plan);
    [[nodiscard]] bool is_full() const noexcept;

    /// Publishes, waits for the acknowledgements, deletes the letters that have all of theirs, and
    /// is empty again. Throws nats::Error when a deletion has no answer: that letter stays.
    [[nodiscard]] std::vector<Replayed> send();

  private:
    struct Entry {
        std::uint64_t sequence;
        std::size_t events;
        std::vector<Message> messages;
    };

    [[nodiscard]] nats::PublishOutcomes publish();
    [[nodiscard]] static Replayed judge(const Entry& entry, const nats::PublishOutcome* outcomes);

    nats::Publisher& publisher_;
    Letters& letters_;
    std::vector<Entry> entries_;
    std::size_t messages_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace events::dlq
