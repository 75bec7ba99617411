#include "support/sample_events.hpp"

#include <fmt/format.h>

namespace events::test {
namespace {

constexpr std::string_view kFacebookUser =
    R"({"userId":"fb-user-1","name":"Ada Lovelace","age":36,"gender":"female",)"
    R"("location":{"country":"Germany","city":"Berlin"}})";

constexpr std::string_view kTikTokUser =
    R"({"userId":"ttk-user-1","username":"ada.dances","followers":1234})";

struct Head {
    std::string_view event_id;
    std::string_view timestamp;
    std::string_view source;
    std::string_view stage;
    std::string_view type;
};

std::string event(const Head& head, std::string_view user, std::string_view engagement) {
    return fmt::format(
        R"({{"eventId":"{}","timestamp":"{}","source":"{}","funnelStage":"{}","eventType":"{}",)"
        R"("data":{{"user":{},"engagement":{}}}}})",
        head.event_id, head.timestamp, head.source, head.stage, head.type, user, engagement);
}

std::string string_or_null(std::optional<std::string_view> text) {
    return text ? fmt::format("\"{}\"", *text) : "null";
}

}  // namespace

std::string facebook_top(std::string_view event_id, std::string_view timestamp) {
    return event({event_id, timestamp, "facebook", "top", "video.view"}, kFacebookUser,
                 R"({"actionTime":"2026-03-01T11:59:58Z","referrer":"newsfeed",)"
                 R"("videoId":"video-7"})");
}

std::string facebook_bottom(std::string_view event_id, std::string_view timestamp,
                            std::optional<std::string_view> amount) {
    return event({event_id, timestamp, "facebook", "bottom", "checkout.complete"}, kFacebookUser,
                 fmt::format(R"({{"adId":"ad-3","campaignId":"campaign-9",)"
                             R"("clickPosition":"top_left","device":"mobile",)"
                             R"("browser":"Firefox","purchaseAmount":{}}})",
                             string_or_null(amount)));
}

std::string tiktok_top(std::string_view event_id, std::string_view timestamp) {
    return event({event_id, timestamp, "tiktok", "top", "video.view"}, kTikTokUser,
                 R"({"watchTime":42,"percentageWatched":87,"device":"Android",)"
                 R"("country":"France","videoId":"video-8"})");
}

std::string tiktok_bottom(std::string_view event_id, std::string_view timestamp,
                          std::optional<std::string_view> amount) {
    return event({event_id, timestamp, "tiktok", "bottom", "purchase"}, kTikTokUser,
                 fmt::format(R"({{"actionTime":"2026-03-01T11:59:57Z","profileId":"profile-5",)"
                             R"("purchasedItem":"Ring light","purchaseAmount":{}}})",
                             string_or_null(amount)));
}

}  // namespace events::test
