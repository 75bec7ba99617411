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
    {"user_id", "text", kWrite<&TikTokUser::user_id>},
    {"username", "text", kWrite<&TikTokUser::username>},
    {"followers", "bigint", kWrite<&TikTokUser::followers>},
    {"watch_time", "bigint", kWrite<&TikTokTop::watch_time>},
    {"percentage_watched", "smallint", kWrite<&TikTokTop::percentage_watched>},
    {"device", "text", kWrite<&TikTokTop::device>},
    {"country", "text", kWrite<&TikTokTop::country>},
    {"video_id", "text", kWrite<&TikTokTop::video_id>},
    {"action_time", "timestamptz", kWrite<&TikTokBottom::action_time>},
    {"profile_id", "text", kWrite<&TikTokBottom::profile_id>},
    {"purchased_item", "text", kWrite<&TikTokBottom::purchased_item>},
    {"purchase_amount", "numeric(14, 2)", kWriteAmount<&TikTokBottom::purchase_amount>},
}};

}  // namespace

TikTokStore::TikTokStore(postgres::Options options)
    : table_{std::move(options), Source::tiktok, kColumns} {}

}  // namespace events::ttk_collector
