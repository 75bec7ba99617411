#include "fb-collector/facebook_store.hpp"

#include <array>
#include <utility>

namespace events::fb_collector {
namespace {

template <auto Field>
constexpr auto kWrite = collector::write_field<FacebookEvent, Field>;

template <auto Field>
constexpr auto kWriteAmount = collector::write_amount<FacebookEvent, Field>;

constexpr std::array<collector::Column, 15> kColumns{{
    {"user_id", kWrite<&FacebookUser::user_id>},
    {"name", kWrite<&FacebookUser::name>},
    {"age", kWrite<&FacebookUser::age>},
    {"gender", kWrite<&FacebookUser::gender>},
    {"country", kWrite<&FacebookUser::country>},
    {"city", kWrite<&FacebookUser::city>},
    {"action_time", kWrite<&FacebookTop::action_time>},
    {"referrer", kWrite<&FacebookTop::referrer>},
    {"video_id", kWrite<&FacebookTop::video_id>},
    {"ad_id", kWrite<&FacebookBottom::ad_id>},
    {"campaign_id", kWrite<&FacebookBottom::campaign_id>},
    {"click_position", kWrite<&FacebookBottom::click_position>},
    {"device", kWrite<&FacebookBottom::device>},
    {"browser", kWrite<&FacebookBottom::browser>},
    {"purchase_amount", kWriteAmount<&FacebookBottom::purchase_amount>},
}};

}  // namespace

FacebookStore::FacebookStore(postgres::Options options)
    : table_{std::move(options), "facebook_events", kColumns} {}

}  // namespace events::fb_collector
