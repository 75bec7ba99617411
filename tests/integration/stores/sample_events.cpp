#include "sample_events.hpp"

#include "common/postgres/migrations.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "support/made_events.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/null_sink.h>

namespace events::test {
namespace {

using namespace std::chrono_literals;

const collector::Envelope kEnvelope{.correlation_id = "corr-1",
                                    .received_at = kNoon + 1s + 234567us};

collector::StorableEvent storable(std::string_view id, Timestamp time, Source source,
                                  std::string_view type, std::string_view user_id,
                                  std::vector<Given> user, const std::vector<Given>& engagement) {
    user.insert(user.end(), engagement.begin(), engagement.end());
    return {.event = make_event(id, time, *find_event_type(source, type), user_id, user),
            .envelope = &kEnvelope};
}

Value text(std::string_view value) {
    return Value{value};
}

Value number(std::int64_t value) {
    return Value{value};
}

const std::vector<Given> kFacebookUser{{"user.name", text("Zoë \"O'Neil\" {\\}, NULL")},
                                       {"user.age", number(150)},
                                       {"user.gender", text("non-binary")},
                                       {"user.location.country", text("NULL")},
                                       {"user.location.city", text("")}};

const std::vector<Given> kTikTokUser{{"user.username", text("🐎,\n\t")},
                                     {"user.followers", number(9'223'372'036'854'775'807)}};

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
    return storable(
        id, time, kFacebook, "video.view", "user-1", kFacebookUser,
        {{"engagement.actionTime", Value{time - 5us}}, {"engagement.referrer", text("newsfeed")}});
}

collector::StorableEvent facebook_checkout(std::string_view id, Timestamp time) {
    return storable(id, time, kFacebook, "checkout.complete", "user-1", kFacebookUser,
                    {{"engagement.adId", text("ad-1")},
                     {"engagement.campaignId", text("campaign-1")},
                     {"engagement.clickPosition", text("top_left")},
                     {"engagement.device", text("mobile")},
                     {"engagement.browser", text("Firefox")},
                     {"engagement.purchaseAmount", text("999999999999.99")}});
}

collector::StorableEvent tiktok_like(std::string_view id, Timestamp time) {
    return storable(id, time, kTikTok, "like", "user-2", kTikTokUser,
                    {{"engagement.watchTime", number(4'000'000'000)},
                     {"engagement.percentageWatched", number(100)},
                     {"engagement.device", text("iOS")},
                     {"engagement.country", text("CZ")},
                     {"engagement.videoId", text("video-1")}});
}

collector::StorableEvent tiktok_purchase(std::string_view id, Timestamp time) {
    return storable(id, time, kTikTok, "purchase", "user-2", kTikTokUser,
                    {{"engagement.actionTime", Value{time + 1us}},
                     {"engagement.purchasedItem", text("a \\ b")},
                     {"engagement.purchaseAmount", text("12.5")}});
}

std::string_view EventMaker::one_of(std::string_view prefix, unsigned different) {
    return texts_.emplace_back(fmt::format("{}-{}", prefix, made_ % different));
}

Value EventMaker::amount(std::string_view cents) {
    if (made_ % 5 == 0) return {};
    return text(texts_.emplace_back(fmt::format("{}.{}", made_, cents)));
}

collector::StorableEvent EventMaker::facebook(std::string_view id, Timestamp time) {
    ++made_;
    // Every third user's id is a UUID, which segments keep as it is.
    const auto user_id =
        made_ % 3 == 0 ? std::string_view{texts_.emplace_back(fmt::format(
                             "{:08x}-0000-4000-8000-{:012x}", made_ * 2654435761U, made_ % 17))}
                       : one_of("user", 40);
    const std::vector<Given> user{
        {"user.name", text("name")},
        {"user.age", number(made_ % 151)},
        {"user.gender", text(facebook::kGenders[static_cast<std::size_t>(made_ % 3)])},
        {"user.location.country", text(made_ % 11 == 0 ? "" : one_of("country", 7))},
        {"user.location.city", text(one_of("Zoë's", 300))}};
    if (made_ % 2 == 0) {
        return storable(
            id, time, kFacebook, made_ % 4 == 0 ? "video.view" : "ad.view", user_id, user,
            {{"engagement.actionTime", Value{time}}, {"engagement.referrer", text("groups")}});
    }
    // An amount of an event type without revenue counts nowhere.
    return storable(
        id, time, kFacebook, made_ % 3 == 0 ? "ad.click" : "checkout.complete", user_id, user,
        {{"engagement.adId", text("ad-1")},
         {"engagement.campaignId", text(one_of("campaign", 19))},
         {"engagement.clickPosition", text("center")},
         {"engagement.device", text(facebook::kDevices[static_cast<std::size_t>(made_ / 2 % 2)])},
         {"engagement.browser", text("Safari")},
         {"engagement.purchaseAmount", amount("07")}});
}

collector::StorableEvent EventMaker::tiktok(std::string_view id, Timestamp time) {
    ++made_;
    const auto user_id = one_of("user", 40);
    const std::vector<Given> user{{"user.username", text("name")},
                                  {"user.followers", number(std::int64_t{made_} * made_ * made_)}};
    if (made_ % 2 == 0) {
        return storable(
            id, time, kTikTok, made_ % 4 == 0 ? "like" : "share", user_id, user,
            {{"engagement.watchTime", number(made_)},
             {"engagement.percentageWatched", number(7)},
             {"engagement.device", text(tiktok::kDevices[static_cast<std::size_t>(made_ / 2 % 3)])},
             {"engagement.country", text(one_of("country", 7))},
             {"engagement.videoId", text("video-1")}});
    }
    return storable(
        id, time, kTikTok, made_ % 3 == 0 ? "follow" : "purchase", user_id, user,
        {{"engagement.actionTime", Value{time}}, {"engagement.purchaseAmount", amount("5")}});
}

std::vector<collector::StorableEvent> EventMaker::many(Source source, std::string_view prefix,
                                                       int count, Timestamp first) {
    std::vector<collector::StorableEvent> events;
    for (int i = 0; i < count; ++i) {
        const std::string_view id = texts_.emplace_back(fmt::format("{}-{}", prefix, i));
        const auto time = first + i * (1min + 1us);
        events.push_back(source == kFacebook ? facebook(id, time) : tiktok(id, time));
    }
    return events;
}

}  // namespace events::test
