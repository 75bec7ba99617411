#include "oracle.hpp"

#include "common/events/time.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>

namespace events::fuzz {
namespace {

using nlohmann::json;

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

constexpr bool is_hex(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Whether the text begins with the escape of a surrogate whose second digit is one of these.
bool begins_with_surrogate(std::string_view text, std::string_view digits) {
    return text.size() >= 6 && text.starts_with("\\u") && (text[2] == 'd' || text[2] == 'D') &&
           digits.find(text[3]) != std::string_view::npos && is_hex(text[4]) && is_hex(text[5]);
}

/// Copies a string of the JSON up to its closing quote, and gives the place behind it.
std::size_t copy_string(std::string_view text, std::size_t at, std::string& out) {
    constexpr std::string_view kHigh = "89abAB";
    constexpr std::string_view kLow = "cdefCDEF";
    out += text[at++];
    while (at < text.size() && text[at] != '"') {
        const auto rest = text.substr(at);
        std::size_t taken = rest.starts_with('\\') && rest.size() > 1 ? 2 : 1;
        if (begins_with_surrogate(rest, kHigh) && begins_with_surrogate(rest.substr(6), kLow)) {
            taken = 12;
        } else if (begins_with_surrogate(rest, kHigh) || begins_with_surrogate(rest, kLow)) {
            out += '?';
            at += 6;
            continue;
        }
        out += rest.substr(0, taken);
        at += taken;
    }
    if (at < text.size()) out += text[at++];
    return at;
}

/// Copies a number, its exponent without its digits but one, and no run of digits beyond an
/// int64's.
std::size_t copy_number(std::string_view text, std::size_t at, std::string& out) {
    std::size_t run = 0;
    bool exponent = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (is_digit(c)) {
            if (++run <= (exponent ? 1U : 19U)) out += exponent ? '0' : c;
            continue;
        }
        if (std::string_view{"+-.eE"}.find(c) == std::string_view::npos) break;
        run = 0;
        exponent = exponent || c == 'e' || c == 'E';
        out += c;
    }
    return at;
}

std::string tamed(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '"') {
            at = copy_string(text, at, out);
        } else if (text[at] == '-' || is_digit(text[at])) {
            at = copy_number(text, at, out);
        } else {
            out += text[at++];
        }
    }
    return out;
}

bool same(std::optional<std::string_view> ours, const json& theirs) {
    if (!ours) return theirs.is_null();
    return theirs.is_string() && theirs.get_ref<const std::string&>() == *ours;
}

bool same(std::int64_t ours, const json& theirs) {
    if (theirs.is_number_integer()) return theirs.get<std::int64_t>() == ours;
    return theirs.is_number() && theirs.get<double>() == static_cast<double>(ours);
}

bool same(Timestamp ours, const json& theirs) {
    return theirs.is_string() && parse_timestamp(theirs.get_ref<const std::string&>()) == ours;
}

bool holds_engagement(const FacebookTop& ours, const json& theirs) {
    return same(ours.action_time, theirs.at("actionTime")) &&
           same(ours.referrer, theirs.at("referrer")) && same(ours.video_id, theirs.at("videoId"));
}

bool holds_engagement(const FacebookBottom& ours, const json& theirs) {
    return same(ours.ad_id, theirs.at("adId")) && same(ours.campaign_id, theirs.at("campaignId")) &&
           same(ours.click_position, theirs.at("clickPosition")) &&
           same(ours.device, theirs.at("device")) && same(ours.browser, theirs.at("browser")) &&
           same(ours.purchase_amount, theirs.at("purchaseAmount"));
}

bool holds_engagement(const TikTokTop& ours, const json& theirs) {
    return same(ours.watch_time, theirs.at("watchTime")) &&
           same(ours.percentage_watched, theirs.at("percentageWatched")) &&
           same(ours.device, theirs.at("device")) && same(ours.country, theirs.at("country")) &&
           same(ours.video_id, theirs.at("videoId"));
}

bool holds_engagement(const TikTokBottom& ours, const json& theirs) {
    return same(ours.action_time, theirs.at("actionTime")) &&
           same(ours.profile_id, theirs.at("profileId")) &&
           same(ours.purchased_item, theirs.at("purchasedItem")) &&
           same(ours.purchase_amount, theirs.at("purchaseAmount"));
}

bool holds_user(const FacebookUser& ours, const json& theirs) {
    const auto& location = theirs.at("location");
    return same(ours.user_id, theirs.at("userId")) && same(ours.name, theirs.at("name")) &&
           same(ours.age, theirs.at("age")) && same(ours.gender, theirs.at("gender")) &&
           same(ours.country, location.at("country")) && same(ours.city, location.at("city"));
}

bool holds_user(const TikTokUser& ours, const json& theirs) {
    return same(ours.user_id, theirs.at("userId")) && same(ours.username, theirs.at("username")) &&
           same(ours.followers, theirs.at("followers"));
}

}  // namespace

std::optional<json> read_json(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) return std::nullopt;  // its parser ends there
    auto read = json::parse(text, nullptr, false);
    if (read.is_discarded()) read = json::parse(tamed(text), nullptr, false);
    if (read.is_discarded()) return std::nullopt;
    return read;
}

bool holds(const Event& event, const json& json) try {
    const auto& data = json.at("data");
    const bool head = same(event.event_id, json.at("eventId")) &&
                      same(event.timestamp, json.at("timestamp")) &&
                      same(event.type->name, json.at("eventType")) &&
                      same(to_string(event.type->source), json.at("source")) &&
                      same(to_string(event.type->stage), json.at("funnelStage"));
    return head &&
           std::visit(
               [&](const auto& ours) {
                   return holds_user(ours.user, data.at("user")) &&
                          std::visit(
                              [&](const auto& engagement) {
                                  return holds_engagement(engagement, data.at("engagement"));
                              },
                              ours.engagement);
               },
               event.data);
} catch (const nlohmann::json::exception&) {
    return false;  // a field that is missing, or of another type
}

}  // namespace events::fuzz
