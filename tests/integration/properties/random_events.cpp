#include "random_events.hpp"

#include "support/made_events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace events::test {
namespace {

using namespace std::chrono_literals;

const collector::Envelope kEnvelope{.correlation_id = "properties",
                                    .received_at = Timestamp{kFirstDay} + 100h};
constexpr Timestamp kOld = std::chrono::sys_days{std::chrono::year{2003} / 12 / 31} + 5h;

}  // namespace

std::uint64_t choose_seed() {
    const auto* given = std::getenv("EVENTS_PROPERTY_SEED");  // NOLINT(concurrency-mt-unsafe)
    return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

std::string_view RandomEvents::one_of(std::string_view prefix, std::uint64_t different) {
    return keep(fmt::format("{} {}", prefix, random_.below(different)));
}

std::string_view RandomEvents::user() {
    const auto number = random_.below(400);
    if (number % 7 == 0) return keep(fmt::format("user {}", number));
    return keep(
        fmt::format("{0:08x}-0000-4000-8000-{0:012x}", number * 2'654'435'761U % 0xffff'ffffU));
}

Value RandomEvents::amount() {
    if (random_.one_in(4)) return {};
    return Value{keep(fmt::format("{}.{:02}", random_.below(1'000), random_.below(100)))};
}

Timestamp RandomEvents::time_of(int day) {
    if (random_.one_in(100)) return kOld + std::chrono::microseconds{random_.below(1'000'000)};
    return kFirstDay + std::chrono::days{day} +
           std::chrono::microseconds{random_.below(std::chrono::microseconds{24h}.count())};
}

Value RandomEvents::value_for(const FieldSpec& field) {
    switch (field.kind) {
        case FieldKind::text:
            // Many different ones of what is grouped by most.
            return Value{one_of(field.key(), field.key() == "campaignId" ? 60 : 7)};
        case FieldKind::text_or_null:
            return {};
        case FieldKind::choice:
            return Value{field.choices[random_.below(field.choices.size())]};
        case FieldKind::integer:
            if (field.is_small()) {
                return Value{field.bounds.min + static_cast<std::int64_t>(random_.below(90))};
            }
            return Value{static_cast<std::int64_t>(
                random_.below(random_.one_in(50) ? 1ULL << 62 : 2'000'000))};
        case FieldKind::time:
            return Value{kOld};
        case FieldKind::amount_or_null:
            return amount();
    }
    return {};
}

collector::StorableEvent RandomEvents::make(Source source, Timestamp time) {
    const auto types = event_types(source);
    const auto& type = types[random_.below(types.size())];
    std::vector<Given> values;
    for (const auto& field : source.fields()) {
        if (field.is_in(type.stage)) values.push_back({field.path, value_for(field)});
    }
    return {.event = make_event(keep(fmt::format("event-{}", made_++)), time, type, user(), values),
            .envelope = &kEnvelope};
}

std::vector<collector::StorableEvent> RandomEvents::batch(Source source, std::size_t count,
                                                          bool with_known) {
    std::vector<collector::StorableEvent> events;
    const auto day = static_cast<int>(random_.below(kDays));
    const bool is_spread = random_.one_in(3);
    for (std::size_t i = 0; i < count; ++i) {
        const auto own = is_spread ? static_cast<int>(random_.below(kDays)) : day;
        events.push_back(make(source, time_of(own)));
    }
    auto& known = known_[source];
    auto fresh = events;
    for (const auto& event : known) {
        if (with_known && random_.one_in(5)) events.push_back(event);
    }
    known = std::move(fresh);
    return events;
}

}  // namespace events::test
