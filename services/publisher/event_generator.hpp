#pragma once

#include "common/events/event.hpp"
#include "publisher/corruption.hpp"
#include "publisher/figures.hpp"
#include "publisher/random.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace events::publisher {

struct GeneratorSettings {
    std::uint64_t seed = 1;
    Timestamp start_time{};                     ///< of the first POST's first event
    std::chrono::milliseconds interval{1'000};  ///< from one POST's first event to the next's
    std::int64_t min_events = 1'000;            ///< events in a POST, both ends inclusive
    std::int64_t max_events = 50'000;
    double invalid_ratio = 0.1;                 ///< share of POSTs whose last event is corrupted
    double duplicate_ratio = 0.0;               ///< share of events that repeat an earlier one
    std::chrono::milliseconds out_of_order{0};  ///< timestamps are moved back by up to so much
    std::uint64_t count = 0;                    ///< stop after so many events; 0: never
};

/// The body of one POST, and what has to become of it.
struct Batch {
    struct CorruptedEvent {
        Corruption kind;
        const EventType* type;  ///< what the event would be; points into event_types()
    };

    std::uint64_t number = 0;       ///< which POST of the run, from 0
    std::string body;               ///< a JSON array
    std::vector<std::size_t> ends;  ///< where in `body` each event ends

    Figures valid;   ///< every valid event, repeats included: what the gateway must count as saved
    Figures stored;  ///< without the repeats: what these events must add to the stored rows
    std::uint64_t duplicates = 0;              ///< events that repeat an earlier one of the run
    std::optional<CorruptedEvent> corruption;  ///< of the last event

    [[nodiscard]] std::size_t events() const noexcept { return ends.size(); }

    /// How many the gateway must count as failed: 0 or 1. An unknown field makes no event invalid.
    [[nodiscard]] std::size_t expected_invalid() const noexcept {
        return corruption && makes_invalid(corruption->kind) ? 1 : 0;
    }

    /// The bytes of the event at `index`, from '{' to '}'.
    [[nodiscard]] std::string_view event(std::size_t index) const noexcept;

    /// Its eventId; empty for a corrupted event that has none.
    [[nodiscard]] std::string_view event_id(std::size_t index) const noexcept;
};

/// Makes the events that the publisher posts, and says what must come out of them at the far end:
///
///     EventGenerator generator{{.seed = 7, .start_time = start, .count = 100'000}};
///     Figures expected;
///     while (const auto batch = generator.next_batch()) {
///         post(batch->body);
///         expected += batch->stored;
///     }
///     expected.events(source, FunnelStage::bottom);  // = GET /reports/events?source=...
///
/// Content  Each source equally often, and of a source each event type; each event has a new id
/// (the
///          source's prefix and a UUID) and a new user. A repeat is byte-identical to an event of
///          this run, taken from a bounded window (a few thousand events) of mostly recent ones; a
///          corrupted event is always its POST's last, counts among its events, and is never
///          repeated.
/// Time     The events of POST k are spread evenly over the `interval` that begins at
///          start_time + k * interval; then each is moved back by up to `out_of_order`. With an
///          interval of 0 each event is a microsecond after the one before it. Timestamps are
///          written in milliseconds.
/// Same     The same settings give the same bytes, everywhere: it asks no clock and no device.
/// Memory   A batch is at most about 500 bytes an event; the generator itself keeps about 2 MB.
///
/// Pure; one per thread.
class EventGenerator {
  public:
    explicit EventGenerator(const GeneratorSettings& settings);

    /// The next POST; nothing once `count` events were made. `base` is the time of its first event
    /// in place of the rule above: for a run that follows the wall clock.
    [[nodiscard]] std::optional<Batch> next_batch(std::optional<Timestamp> base = std::nullopt);

  private:
    struct Remembered {
        std::string json;
        const EventType* type;
        std::optional<Cents> revenue;
    };

    void add_event(Batch& batch, Timestamp time);
    void add_new_event(Batch& batch, Timestamp time, std::optional<Corruption> corruption);
    void repeat_event(Batch& batch);
    void remember(std::string_view json, const EventType& type, std::optional<Cents> revenue);
    [[nodiscard]] Timestamp moved_back(Timestamp time);

    GeneratorSettings settings_;
    std::vector<const EventType*> types_;  ///< to pick from: each source has as many places
    Random random_;
    std::uint64_t batches_ = 0;
    std::uint64_t events_ = 0;
    std::vector<Remembered> window_;  ///< empty unless duplicates are wanted
};

}  // namespace events::publisher
