#include "common/collector/dead_letter_writer.hpp"

#include "common/events/time.hpp"
#include "common/nats/dead_letter.hpp"
#include "common/nats/topology.hpp"
#include "common/retry/backoff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <span>
#include <string>

namespace events::collector {
namespace {

using namespace std::chrono_literals;

constexpr auto kFirstLetterRetry = 100ms;
constexpr auto kLastLetterRetry = 5s;

}  // namespace

DeadLetterWriter::DeadLetterWriter(const CollectorOptions& options, nats::Publisher& publisher,
                                   Probe& probe)
    : source_{options.source},
      make_stream_{options.make_dead_letters},
      first_kept_{options.first_kept},
      publisher_{publisher},
      probe_{probe} {}

bool DeadLetterWriter::write_rejected(Batch& batch, const Wait& wait) {
    return std::ranges::all_of(
        batch.rejected, [&](const Rejected& rejected) { return write(batch, rejected, wait); });
}

bool DeadLetterWriter::write_refused(Batch& batch, std::size_t event, std::string_view why,
                                     const Wait& wait) {
    return write(batch,
                 {batch.origins[event],
                  {RejectionCode::refused_by_database, "", std::string{why},
                   std::string{batch.events[event].event.event_id}}},
                 wait);
}

std::optional<std::size_t> DeadLetterWriter::write_too_old(Batch& batch, std::size_t first,
                                                           std::size_t count, const Wait& wait) {
    const auto kept = first_kept_ ? first_kept_() : std::nullopt;
    const auto is_too_old = [&](const StorableEvent& event) {
        return kept && event.event.timestamp < *kept;
    };
    const auto events = std::span{batch.events}.subspan(first, count);
    if (std::ranges::none_of(events, is_too_old)) return 0;
    sort_by_day(batch, first, count);
    std::size_t found = 0;
    for (; found < count && is_too_old(events[found]); ++found) {
        const Rejected rejected{batch.origins[first + found],
                                {RejectionCode::too_old, "timestamp",
                                 fmt::format("timestamp is before {}, from when on events are kept",
                                             format_timestamp(*kept)),
                                 std::string{events[found].event.event_id}}};
        if (!write(batch, rejected, wait)) return std::nullopt;
    }
    return found;
}

bool DeadLetterWriter::write(Batch& batch, const Rejected& rejected, const Wait& wait) {
    const auto& [origin, why] = rejected;
    const auto sequence = std::to_string(origin.item->delivery.metadata().stream_sequence);
    nats::DeadLetter letter{.subject = source_.dead_letter_subject(),
                            .raw = origin.raw,
                            .code = to_string(why.code),
                            .reason = why.message,
                            .path = why.path,
                            .correlation_id = origin.item->envelope.correlation_id,
                            .traceparent = origin.item->envelope.trace.traceparent(),
                            .discriminator = sequence,
                            .received_at = origin.item->envelope.received_at};
    retry::Backoff backoff{kFirstLetterRetry, kLastLetterRetry};
    for (;;) {
        letter.max_payload = publisher_.max_payload();  // another broker's, after a reconnect
        const auto fields = nats::headers_of(letter, std::chrono::system_clock::now());
        const auto outcome =
            publisher_.publish(letter.subject, fields, nats::payload_of(letter, fields));
        if (outcome.durable()) break;
        probe_.dead_letters_unreachable(outcome.error);
        if (outcome.stream_missing()) make_stream();
        if (!wait(backoff.next())) return false;
    }
    ++batch.figures.dead_letters;
    probe_.dead_lettered(why.code, why.event_id.value_or(""), origin.item->envelope.ids(),
                         why.message);
    return true;
}

void DeadLetterWriter::make_stream() {
    if (!make_stream_) return;
    try {
        make_stream_();
    } catch (const std::exception& error) {
        probe_.dead_letters_unreachable(error.what());
    }
}

}  // namespace events::collector
