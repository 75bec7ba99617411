#include "ttk-collector/tiktok_store.hpp"

#include <array>
#include <utility>

namespace events::ttk_collector {
namespace {

template <auto Field>
constexpr auto kWrite = collector::write_field<TikTokEvent, Field>;

template <auto Field>
constexpr auto kWriteAmount = collector::write_amount<TikTokEvent, Field>;

constexpr std::array<collector::Column, 12> kColumns{{
    {"user_id", kWrite<&TikTokUser::user_id>},
    {"username", kWrite<&TikTokUser::username>},
    {"followers", kWrite<&TikTokUser::followers>},
    {"watch_time", kWrite<&TikTokTop::watch_time>},
    {"percentage_watched", kWrite<&TikTokTop::percentage_watched>},
    {"device", kWrite<&TikTokTop::device>},
    {"country", kWrite<&TikTokTop::country>},
    {"video_id", kWrite<&TikTokTop::video_id>},
    {"action_time", kWrite<&TikTokBottom::action_time>},
    {"profile_id", kWrite<&TikTokBottom::profile_id>},
    {"purchased_item", kWrite<&TikTokBottom::purchased_item>},
    {"purchase_amount", kWriteAmount<&TikTokBottom::purchase_amount>},
}};

}  // namespace

TikTokStore::TikTokStore(postgres::Options options)
    : table_{std::move(options), "tiktok_events", kColumns} {}

}  // namespace events::ttk_collector
