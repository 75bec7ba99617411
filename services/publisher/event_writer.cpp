#include "publisher/event_writer.hpp"

#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "publisher/json_append.hpp"
#include "publisher/samples.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace events::publisher {
namespace {

using std::chrono::milliseconds;

// Shares that decide how the figures of a run look; nothing depends on their exact value.
constexpr double kPurchaseHasAmount = 0.8;  ///< of checkout.complete and purchase
constexpr double kOtherHasAmount = 0.02;    ///< of types whose amount is no revenue
constexpr std::int64_t kMaxCents = 100'000;
constexpr std::uint64_t kCampaigns = 10'000'000'000;
constexpr std::int64_t kLongestActionMs = 5'000;

/// One event being written; each function adds a part of it.
class EventWriter {
  public:
    EventWriter(std::string& out, const EventType& type, Timestamp time,
                std::optional<Corruption> corruption, Random& random)
        : out_{out}, type_{type}, time_{time}, corruption_{corruption}, random_{random} {}

    std::optional<Cents> write() {
        head();
        out_ += R"(,"data":{)";
        if (!is(Corruption::missing_user)) {
            out_ += R"("user":{)";
            type_.source == kFacebook ? facebook_user() : tiktok_user();
            out_ += "},";
        }
        out_ += R"("engagement":{)";
        engagement();
        out_ += "}}";
        if (is(Corruption::unknown_field)) {
            out_ += R"(,"unknownField":{"nested":[1,{"deep":null}],"text":"extra"})";
        }
        out_ += '}';
        return revenue_;
    }

  private:
    [[nodiscard]] bool is(Corruption corruption) const { return corruption_ == corruption; }

    void text(std::string_view before, std::string_view value) {
        out_ += before;
        append_json_string(out_, value);
    }

    void uuid(std::string_view before) {
        out_ += before;
        append_uuid(out_, random_);
        out_ += '"';
    }

    void time(std::string_view before, Timestamp value) {
        out_ += before;
        append_timestamp(out_, value);
        out_ += '"';
    }

    template <typename T>
    void number(std::string_view before, T value) {
        out_ += before;
        append_integer(out_, value);
    }

    void head() {
        const bool facebook = type_.source == kFacebook;
        out_ += '{';
        if (!is(Corruption::missing_event_id)) {
            uuid(facebook ? R"("eventId":"fb-)" : R"("eventId":"ttk-)");
            out_ += ',';
        }
        if (is(Corruption::bad_timestamp)) {
            out_ += R"("timestamp":"yesterday at noon")";
        } else {
            time(R"("timestamp":")", time_);
        }
        text(R"(,"source":)", type_.source.name());
        text(R"(,"funnelStage":)", is(Corruption::bad_stage) ? "middle" : to_string(type_.stage));
        const bool array = is(Corruption::event_type_array);
        text(array ? R"(,"eventType":[)" : R"(,"eventType":)", type_.name);
        if (array) out_ += ']';
    }

    void facebook_user() {
        uuid(R"("userId":"user-)");
        if (!is(Corruption::missing_name)) {
            full_name_.assign(random_.pick(samples::kGivenNames));
            full_name_ += ' ';
            full_name_ += random_.pick(samples::kFamilyNames);
            text(R"(,"name":)", full_name_);
        }
        number(R"(,"age":)", random_.between(13, 90));
        text(R"(,"gender":)",
             is(Corruption::bad_gender_or_followers) ? "robot" : random_.pick(facebook::kGenders));
        const auto& place = random_.pick(samples::kPlaces);
        text(R"(,"location":{"country":)", place.country);
        text(R"(,"city":)", place.city);
        out_ += '}';
    }

    void tiktok_user() {
        uuid(R"("userId":"user-)");
        if (!is(Corruption::missing_name)) {
            full_name_.assign(random_.pick(samples::kHandles));
            full_name_ += '_';
            append_integer(full_name_, random_.below(100'000));
            text(R"(,"username":)", full_name_);
        }
        if (is(Corruption::bad_gender_or_followers)) {
            out_ += R"(,"followers":"a lot")";
            return;
        }
        // Most have few, a few have millions: each order of magnitude is as likely.
        std::uint64_t most = 10;
        for (auto magnitude = random_.below(7); magnitude > 0; --magnitude) most *= 10;
        number(R"(,"followers":)", random_.below(most));
    }

    void engagement() {
        if (type_.source == kFacebook) {
            type_.stage == FunnelStage::top ? facebook_top() : facebook_bottom();
        } else {
            type_.stage == FunnelStage::top ? tiktok_top() : tiktok_bottom();
        }
    }

    void facebook_top() {
        action_time();
        text(R"(,"referrer":)", is(Corruption::bad_engagement)
                                    ? "carrier pigeon"
                                    : random_.pick(facebook::kReferrers));
        if (type_.name == "video.view" || random_.chance(0.5)) {
            uuid(R"(,"videoId":"video-)");
        } else {
            out_ += R"(,"videoId":null)";
        }
    }

    void facebook_bottom() {
        uuid(R"("adId":"ad-)");
        number(R"(,"campaignId":"campaign-)", random_.below(kCampaigns));
        text(R"(","clickPosition":)",
             is(Corruption::bad_engagement) ? "nowhere" : random_.pick(facebook::kPositions));
        text(R"(,"device":)", random_.pick(facebook::kDevices));
        text(R"(,"browser":)", random_.pick(facebook::kBrowsers));
        purchase_amount();
    }

    void tiktok_top() {
        number(R"("watchTime":)", random_.below(600));
        number(R"(,"percentageWatched":)",
               is(Corruption::bad_engagement) ? 250 : random_.between(0, 100));
        text(R"(,"device":)", random_.pick(tiktok::kDevices));
        text(R"(,"country":)", random_.pick(samples::kPlaces).country);
        uuid(R"(,"videoId":"video-)");
    }

    void tiktok_bottom() {
        action_time();
        if (type_.has_revenue) {
            out_ += R"(,"profileId":null)";
            text(R"(,"purchasedItem":)", random_.pick(samples::kItems));
        } else {
            uuid(R"(,"profileId":"profile-)");
            out_ += R"(,"purchasedItem":null)";
        }
        if (is(Corruption::bad_engagement)) {
            out_ += R"(,"purchaseAmount":"12.345")";
        } else {
            purchase_amount();
        }
    }

    void action_time() {
        const milliseconds before{random_.between(0, kLongestActionMs)};
        time(R"("actionTime":")", time_ - before);
    }

    void purchase_amount() {
        if (!random_.chance(type_.has_revenue ? kPurchaseHasAmount : kOtherHasAmount)) {
            out_ += R"(,"purchaseAmount":null)";
            return;
        }
        const Cents amount{random_.between(1, kMaxCents)};
        out_ += R"(,"purchaseAmount":")";
        append_amount(out_, amount);
        out_ += '"';
        if (type_.has_revenue) revenue_ = amount;
    }

    std::string& out_;
    const EventType& type_;
    Timestamp time_;
    std::optional<Corruption> corruption_;
    Random& random_;
    std::string full_name_;
    std::optional<Cents> revenue_;
};

}  // namespace

std::optional<Cents> append_event(std::string& out, const EventType& type, Timestamp time,
                                  std::optional<Corruption> corruption, Random& random) {
    return EventWriter{out, type, time, corruption, random}.write();
}

}  // namespace events::publisher
