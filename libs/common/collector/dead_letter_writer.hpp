#pragma once

#include "common/collector/batch.hpp"
#include "common/collector/options.hpp"
#include "common/nats/publisher.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

namespace events::collector {

/// Puts a batch's events that can't be stored into the dead letters, each as it came and with its
/// reason, again and again while the broker does not take it. One thread.
class DeadLetterWriter {
  public:
    DeadLetterWriter(const CollectorOptions& options, nats::Publisher& publisher, Probe& probe);

    /// Waits so long before the next attempt; false: there is to be none.
    using Wait = std::function<bool(std::chrono::milliseconds)>;

    // Each of these returns when the letters are in their stream, and is false, or nothing, when
    // `wait` was.

    /// What was found broken when the batch was read.
    [[nodiscard]] bool write_rejected(Batch& batch, const Wait& wait);
    /// An event that the database refuses for its content.
    [[nodiscard]] bool write_refused(Batch& batch, std::size_t event, std::string_view why,
                                     const Wait& wait);
    /// Those of the events that are not kept any more. How many there were, which stand first now.
    [[nodiscard]] std::optional<std::size_t> write_too_old(Batch& batch, std::size_t first,
                                                           std::size_t count, const Wait& wait);

  private:
    bool write(Batch& batch, const Rejected& rejected, const Wait& wait);
    void make_stream();

    Source source_;
    std::function<void()> make_stream_;
    std::function<std::optional<Timestamp>()> first_kept_;
    nats::Publisher& publisher_;
    Probe& probe_;
};

}  // namespace events::collector
