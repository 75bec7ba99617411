#include "sample_events.hpp"

#include "common/postgres/migrations.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/null_sink.h>

namespace events::test {
namespace {

using namespace std::chrono_literals;

const collector::Envelope kEnvelope{.correlation_id = "corr-1",
                                    .received_at = kNoon + 1s + 234567us};

collector::StorableEvent storable(std::string_view id, Timestamp time, Source source,
                                  std::string_view type,
                                  std::variant<FacebookEvent, TikTokEvent> data) {
    return {.event = {.event_id = id,
                      .timestamp = time,
                      .type = find_event_type(source, type),
                      .data = data},
            .envelope = &kEnvelope};
}

constexpr FacebookUser kFacebookUser{.user_id = "user-1",
                                     .name = "Zoë \"O'Neil\" {\\}, NULL",
                                     .age = 150,
                                     .gender = "non-binary",
                                     .country = "NULL",
                                     .city = ""};

constexpr TikTokUser kTikTokUser{
    .user_id = "user-2", .username = "🐎,\n\t", .followers = 9'223'372'036'854'775'807};

}  // namespace

std::string make_events_database(PostgresCluster& cluster) {
    auto url = cluster.make_database();
    postgres::Connection connection{options_for(url), {}};
    const logging::Logger silent{
        "test",
        {},
        std::make_shared<spdlog::logger>("null", std::make_shared<spdlog::sinks::null_sink_mt>())};
    postgres::migrate(connection, postgres::embedded_migrations(), silent);
    return url;
}

postgres::Options options_for(const std::string& url) {
    return {.url = config::Secret{url}, .application_name = "stores-test", .connect_timeout = 30s};
}

collector::StorableEvent facebook_view(std::string_view id, Timestamp time) {
    return storable(id, time, Source::facebook, "video.view",
                    FacebookEvent{kFacebookUser, FacebookTop{.action_time = time - 5us,
                                                             .referrer = "newsfeed",
                                                             .video_id = std::nullopt}});
}

collector::StorableEvent facebook_checkout(std::string_view id, Timestamp time) {
    return storable(
        id, time, Source::facebook, "checkout.complete",
        FacebookEvent{kFacebookUser, FacebookBottom{.ad_id = "ad-1",
                                                    .campaign_id = "campaign-1",
                                                    .click_position = "top_left",
                                                    .device = "mobile",
                                                    .browser = "Firefox",
                                                    .purchase_amount = "999999999999.99"}});
}

collector::StorableEvent tiktok_like(std::string_view id, Timestamp time) {
    return storable(id, time, Source::tiktok, "like",
                    TikTokEvent{kTikTokUser, TikTokTop{.watch_time = 4'000'000'000,
                                                       .percentage_watched = 100,
                                                       .device = "iOS",
                                                       .country = "CZ",
                                                       .video_id = "video-1"}});
}

collector::StorableEvent tiktok_purchase(std::string_view id, Timestamp time) {
    return storable(id, time, Source::tiktok, "purchase",
                    TikTokEvent{kTikTokUser, TikTokBottom{.action_time = time + 1us,
                                                          .profile_id = std::nullopt,
                                                          .purchased_item = "a \\ b",
                                                          .purchase_amount = "12.5"}});
}

std::string_view EventMaker::text(std::string_view prefix, unsigned different) {
    return texts_.emplace_back(fmt::format("{}-{}", prefix, made_ % different));
}

collector::StorableEvent EventMaker::facebook(std::string_view id, Timestamp time) {
    ++made_;
    // Every third user's id is a UUID, which segments keep as it is.
    const auto user_id =
        made_ % 3 == 0 ? std::string_view{texts_.emplace_back(fmt::format(
                             "{:08x}-0000-4000-8000-{:012x}", made_ * 2654435761U, made_ % 17))}
                       : text("user", 40);
    const FacebookUser user{.user_id = user_id,
                            .name = "name",
                            .age = static_cast<std::int16_t>(made_ % 151),
                            .gender = kGenders[static_cast<std::size_t>(made_ % 3)],
                            .country = made_ % 11 == 0 ? "" : text("country", 7),
                            .city = text("Zoë's", 300)};
    if (made_ % 2 == 0) {
        const auto type = made_ % 4 == 0 ? "video.view" : "ad.view";
        return storable(id, time, Source::facebook, type,
                        FacebookEvent{user, FacebookTop{.action_time = time,
                                                        .referrer = "groups",
                                                        .video_id = std::nullopt}});
    }
    FacebookBottom bottom{.ad_id = "ad-1",
                          .campaign_id = text("campaign", 19),
                          .click_position = "center",
                          .device = kFacebookDevices[static_cast<std::size_t>(made_ / 2 % 2)],
                          .browser = "Safari",
                          .purchase_amount = std::nullopt};
    if (made_ % 5 != 0) bottom.purchase_amount = texts_.emplace_back(fmt::format("{}.07", made_));
    // An amount of an event type without revenue counts nowhere.
    return storable(id, time, Source::facebook, made_ % 3 == 0 ? "ad.click" : "checkout.complete",
                    FacebookEvent{user, bottom});
}

collector::StorableEvent EventMaker::tiktok(std::string_view id, Timestamp time) {
    ++made_;
    const TikTokUser user{.user_id = text("user", 40),
                          .username = "name",
                          .followers = std::int64_t{made_} * made_ * made_};
    if (made_ % 2 == 0) {
        return storable(
            id, time, Source::tiktok, made_ % 4 == 0 ? "like" : "share",
            TikTokEvent{user,
                        TikTokTop{.watch_time = made_,
                                  .percentage_watched = 7,
                                  .device = kTikTokDevices[static_cast<std::size_t>(made_ / 2 % 3)],
                                  .country = text("country", 7),
                                  .video_id = "video-1"}});
    }
    TikTokBottom bottom{.action_time = time,
                        .profile_id = std::nullopt,
                        .purchased_item = std::nullopt,
                        .purchase_amount = std::nullopt};
    if (made_ % 5 != 0) bottom.purchase_amount = texts_.emplace_back(fmt::format("{}.5", made_));
    return storable(id, time, Source::tiktok, made_ % 3 == 0 ? "follow" : "purchase",
                    TikTokEvent{user, bottom});
}

std::vector<collector::StorableEvent> EventMaker::many(Source source, std::string_view prefix,
                                                       int count, Timestamp first) {
    std::vector<collector::StorableEvent> events;
    for (int i = 0; i < count; ++i) {
        const std::string_view id = texts_.emplace_back(fmt::format("{}-{}", prefix, i));
        const auto time = first + i * (1min + 1us);
        events.push_back(source == Source::facebook ? facebook(id, time) : tiktok(id, time));
    }
    return events;
}

}  // namespace events::test
