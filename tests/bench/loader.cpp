#include "loader.hpp"

#include "common/collector/event_table.hpp"
#include "common/events/parser.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "publisher/event_generator.hpp"

#include <future>
#include <span>
#include <vector>

namespace events::bench {
namespace {

constexpr std::size_t kBatch = 1'000;

/// A source's share of a load: parsed events over the texts that they view.
double store_share(const std::string& url, const Load& what, Source source) {
    using Clock = std::chrono::steady_clock;
    publisher::EventGenerator generator{{.seed = what.first * 2 + 1 + source.number(),
                                         .start_time = what.begin,
                                         .min_events = kBatch * 10,
                                         .max_events = kBatch * 10,
                                         .invalid_ratio = 0,
                                         .count = 0}};
    const collector::Envelope envelope{.correlation_id = "bench", .received_at = what.begin};
    collector::EventTable store{{.url = config::Secret{url}, .application_name = "bench"}, source};
    Parser parser;
    const auto half = what.count / 2;
    const std::chrono::duration<double, std::micro> step{
        std::chrono::duration<double, std::micro>{what.span} / static_cast<double>(what.of / 2)};

    std::uint64_t stored = 0;
    Clock::duration took{};
    while (stored < half) {
        auto made = generator.next_batch();
        made->body.reserve(made->body.size() + kPadding);
        TextArena texts;
        std::vector<collector::StorableEvent> events;
        for (std::size_t index = 0; index < made->events() && stored + events.size() < half;
             ++index) {
            auto event = parser.parse_event(made->event(index), texts);
            if (!event || event->type->source != source) continue;
            const auto number = static_cast<double>(what.first / 2 + stored + events.size());
            event->timestamp =
                what.begin + std::chrono::duration_cast<std::chrono::microseconds>(step * number);
            events.push_back({*event, &envelope});
        }
        for (std::span<const collector::StorableEvent> left{events}; !left.empty();) {
            const auto batch = left.first(std::min(kBatch, left.size()));
            const auto started = Clock::now();
            (void)store.store(batch);
            took += Clock::now() - started;
            left = left.subspan(batch.size());
        }
        stored += events.size();
    }
    return std::chrono::duration<double>{took}.count();
}

}  // namespace

double load(const std::string& url, const Load& what) {
    auto facebook =
        std::async(std::launch::async, [&] { return store_share(url, what, kFacebook); });
    const auto tiktok = store_share(url, what, kTikTok);
    return std::max(facebook.get(), tiktok);
}

}  // namespace events::bench
