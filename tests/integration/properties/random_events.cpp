#include "random_events.hpp"

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

std::optional<std::string_view> RandomEvents::amount() {
    if (random_.one_in(4)) return std::nullopt;
    return keep(fmt::format("{}.{:02}", random_.below(1'000), random_.below(100)));
}

Timestamp RandomEvents::time_of(int day) {
    if (random_.one_in(100)) return kOld + std::chrono::microseconds{random_.below(1'000'000)};
    return kFirstDay + std::chrono::days{day} +
           std::chrono::microseconds{random_.below(std::chrono::microseconds{24h}.count())};
}

FacebookEvent RandomEvents::facebook_data(bool is_top) {
    FacebookEvent event{.user = {.user_id = user(),
                                 .name = "Some Body",
                                 .age = static_cast<std::int16_t>(random_.below(90)),
                                 .gender = kGenders.at(random_.below(kGenders.size())),
                                 .country = one_of("country", 7),
                                 .city = one_of("city", 40)},
                        .engagement = {}};
    if (is_top) {
        event.engagement = FacebookTop{.action_time = kOld, .referrer = "groups", .video_id = {}};
    } else {
        event.engagement =
            FacebookBottom{.ad_id = "ad",
                           .campaign_id = one_of("campaign", 60),
                           .click_position = "center",
                           .device = kFacebookDevices.at(random_.below(kFacebookDevices.size())),
                           .browser = "Safari",
                           .purchase_amount = amount()};
    }
    return event;
}

TikTokEvent RandomEvents::tiktok_data(bool is_top) {
    TikTokEvent event{.user = {.user_id = user(),
                               .username = "somebody",
                               .followers = static_cast<std::int64_t>(
                                   random_.below(random_.one_in(50) ? 1ULL << 62 : 2'000'000))},
                      .engagement = {}};
    if (is_top) {
        event.engagement =
            TikTokTop{.watch_time = 7,
                      .percentage_watched = 50,
                      .device = kTikTokDevices.at(random_.below(kTikTokDevices.size())),
                      .country = one_of("country", 7),
                      .video_id = "video"};
    } else {
        event.engagement = TikTokBottom{.action_time = kOld,
                                        .profile_id = {},
                                        .purchased_item = {},
                                        .purchase_amount = amount()};
    }
    return event;
}

collector::StorableEvent RandomEvents::make(Source source, Timestamp time) {
    std::vector<const EventType*> types;
    for (const auto& type : kEventTypes) {
        if (type.source == source) types.push_back(&type);
    }
    const auto* type = types[random_.below(types.size())];
    const bool is_top = type->stage == FunnelStage::top;
    collector::StorableEvent event{.event = {}, .envelope = &kEnvelope};
    event.event.event_id = keep(fmt::format("event-{}", made_++));
    event.event.timestamp = time;
    event.event.type = type;
    if (source == Source::facebook) {
        event.event.data = facebook_data(is_top);
    } else {
        event.event.data = tiktok_data(is_top);
    }
    return event;
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
