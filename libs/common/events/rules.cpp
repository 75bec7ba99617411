#include "common/events/rules.hpp"

#include "common/events/field_reader.hpp"

#include <fmt/format.h>

namespace events {
namespace {

constexpr auto kTooOld = "is older than what is kept (RETENTION_DAYS)";

/// The event's type; null after a problem.
const EventType* read_type(FieldReader& read) {
    const auto source = read.name_of(Field::source, kSources);
    const auto stage = read.name_of(Field::funnel_stage, kFunnelStages);
    const auto name = read.text(Field::event_type);
    if (read.failed()) return nullptr;

    const auto* type = find_event_type(source, name);
    if (type == nullptr) {
        read.refuse(Field::event_type, RejectionCode::unknown_value,
                    fmt::format("is not an event type of {}", to_string(source)));
    } else if (type->stage != stage) {
        read.refuse(Field::funnel_stage, RejectionCode::stage_mismatch,
                    fmt::format("must be {} for {}", to_string(type->stage), type->name));
    }
    return read.failed() ? nullptr : type;
}

// In the braces below the fields are read from the first to the last, as C++ promises for braces.

FacebookUser read_facebook_user(FieldReader& read) {
    const auto user_id = read.text(Field::user_id);
    const auto name = read.text(Field::name);
    const auto age = read.integer(Field::age, {0, 150});
    const auto gender = read.one_of(Field::gender, kGenders);
    read.object(Field::location);
    return {.user_id = user_id,
            .name = name,
            .age = static_cast<std::int16_t>(age),
            .gender = gender,
            .country = read.text(Field::location_country),
            .city = read.text(Field::location_city)};
}

FacebookTop read_facebook_top(FieldReader& read) {
    return {.action_time = read.time(Field::action_time),
            .referrer = read.one_of(Field::referrer, kReferrers),
            .video_id = read.text_or_null(Field::video_id)};
}

FacebookBottom read_facebook_bottom(FieldReader& read) {
    return {.ad_id = read.text(Field::ad_id),
            .campaign_id = read.text(Field::campaign_id),
            .click_position = read.one_of(Field::click_position, kClickPositions),
            .device = read.one_of(Field::device, kFacebookDevices),
            .browser = read.one_of(Field::browser, kBrowsers),
            .purchase_amount = read.amount_or_null(Field::purchase_amount)};
}

TikTokUser read_tiktok_user(FieldReader& read) {
    return {.user_id = read.text(Field::user_id),
            .username = read.text(Field::username),
            .followers = read.integer(Field::followers, {})};
}

TikTokTop read_tiktok_top(FieldReader& read) {
    return {.watch_time = read.integer(Field::watch_time, {}),
            .percentage_watched =
                static_cast<std::int16_t>(read.integer(Field::percentage_watched, {0, 100})),
            .device = read.one_of(Field::device, kTikTokDevices),
            .country = read.text(Field::country),
            .video_id = read.text(Field::video_id)};
}

TikTokBottom read_tiktok_bottom(FieldReader& read) {
    return {.action_time = read.time(Field::action_time),
            .profile_id = read.text_or_null(Field::profile_id),
            .purchased_item = read.text_or_null(Field::purchased_item),
            .purchase_amount = read.amount_or_null(Field::purchase_amount)};
}

FacebookEvent read_facebook(FieldReader& read, FunnelStage stage) {
    FacebookEvent event{.user = read_facebook_user(read), .engagement = FacebookTop{}};
    read.object(Field::engagement);
    if (stage == FunnelStage::top) {
        event.engagement = read_facebook_top(read);
    } else {
        event.engagement = read_facebook_bottom(read);
    }
    return event;
}

TikTokEvent read_tiktok(FieldReader& read, FunnelStage stage) {
    TikTokEvent event{.user = read_tiktok_user(read), .engagement = TikTokTop{}};
    read.object(Field::engagement);
    if (stage == FunnelStage::top) {
        event.engagement = read_tiktok_top(read);
    } else {
        event.engagement = read_tiktok_bottom(read);
    }
    return event;
}

void read_all(FieldReader& read, Event& event, const TimeLimits& limits) {
    event.event_id = read.event_id();
    event.timestamp = read.time(Field::timestamp);
    if (limits.latest && event.timestamp > *limits.latest) {
        read.refuse(Field::timestamp, RejectionCode::in_the_future, "is too far in the future");
    }
    event.type = read_type(read);
    if (event.type == nullptr) return;
    if (limits.is_too_old(event.type->source, event.timestamp)) {
        read.refuse(Field::timestamp, RejectionCode::too_old, kTooOld);
    }
    read.object(Field::data);
    read.object(Field::user);
    if (event.type->source == Source::facebook) {
        event.data = read_facebook(read, event.type->stage);
    } else {
        event.data = read_tiktok(read, event.type->stage);
    }
}

Refusal describe(const FieldReader& read, Rejection why) {
    why.event_id = read.readable_event_id();
    return {.why = std::move(why), .source = read.readable_source()};
}

}  // namespace

Expected<Event, Refusal> read_event(const FoundFields& found, std::string_view json,
                                    TextArena& arena, const TimeLimits& limits) {
    if (!json.starts_with('{')) {
        return Unexpected<Refusal>{
            refuse_text(found, RejectionCode::not_an_object, "An event must be a JSON object")};
    }
    FieldReader read{found, arena};
    Event event{};
    read_all(read, event, limits);
    if (auto problem = read.take_problem()) {
        return Unexpected<Refusal>{describe(read, std::move(*problem))};
    }
    if (json.size() > kMaxEventBytes) {
        return Unexpected<Refusal>{
            refuse_text(found, RejectionCode::too_large,
                        fmt::format("The event is larger than {} KiB", kMaxEventBytes / 1024))};
    }
    return event;
}

Refusal refuse_text(const FoundFields& found, RejectionCode code, std::string message) {
    TextArena unused;
    return describe(
        FieldReader{found, unused},
        {.code = code, .path = {}, .message = std::move(message), .event_id = std::nullopt});
}

}  // namespace events
