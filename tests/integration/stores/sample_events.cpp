#include "sample_events.hpp"

#include "common/postgres/migrations.hpp"

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

}  // namespace events::test
