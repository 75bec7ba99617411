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
    {"user_id", "text", kWrite<&FacebookUser::user_id>},
    {"name", "text", kWrite<&FacebookUser::name>},
    {"age", "smallint", kWrite<&FacebookUser::age>},
    {"gender", "text", kWrite<&FacebookUser::gender>},
    {"country", "text", kWrite<&FacebookUser::country>},
    {"city", "text", kWrite<&FacebookUser::city>},
    {"action_time", "timestamptz", kWrite<&FacebookTop::action_time>},
    {"referrer", "text", kWrite<&FacebookTop::referrer>},
    {"video_id", "text", kWrite<&FacebookTop::video_id>},
    {"ad_id", "text", kWrite<&FacebookBottom::ad_id>},
    {"campaign_id", "text", kWrite<&FacebookBottom::campaign_id>},
    {"click_position", "text", kWrite<&FacebookBottom::click_position>},
    {"device", "text", kWrite<&FacebookBottom::device>},
    {"browser", "text", kWrite<&FacebookBottom::browser>},
    {"purchase_amount", "numeric(14, 2)", kWriteAmount<&FacebookBottom::purchase_amount>},
}};

}  // namespace

FacebookStore::FacebookStore(postgres::Options options)
    : table_{std::move(options), Source::facebook, kColumns} {}

}  // namespace events::fb_collector
