#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace events {

/// Every field that any event type uses. Fields of one object stand together, and behind them the
/// fields of the objects in it, so that an object's fields are a range.
enum class Field : std::uint8_t {
    event_id,
    timestamp,
    source,
    funnel_stage,
    event_type,
    data,
    // data
    user,
    engagement,
    // data.user
    user_id,
    name,
    age,
    gender,
    location,
    username,
    followers,
    // data.user.location
    location_country,
    location_city,
    // data.engagement
    action_time,
    referrer,
    video_id,
    ad_id,
    campaign_id,
    click_position,
    watch_time,
    percentage_watched,
    device,
    country,
    browser,
    profile_id,
    purchased_item,
    purchase_amount,
};

inline constexpr std::size_t kFieldCount = static_cast<std::size_t>(Field::purchase_amount) + 1;

/// Where each field stands in an event, in the order of the enum.
inline constexpr std::array<std::string_view, kFieldCount> kFieldPaths{
    "eventId",
    "timestamp",
    "source",
    "funnelStage",
    "eventType",
    "data",
    "data.user",
    "data.engagement",
    "data.user.userId",
    "data.user.name",
    "data.user.age",
    "data.user.gender",
    "data.user.location",
    "data.user.username",
    "data.user.followers",
    "data.user.location.country",
    "data.user.location.city",
    "data.engagement.actionTime",
    "data.engagement.referrer",
    "data.engagement.videoId",
    "data.engagement.adId",
    "data.engagement.campaignId",
    "data.engagement.clickPosition",
    "data.engagement.watchTime",
    "data.engagement.percentageWatched",
    "data.engagement.device",
    "data.engagement.country",
    "data.engagement.browser",
    "data.engagement.profileId",
    "data.engagement.purchasedItem",
    "data.engagement.purchaseAmount",
};

/// The key of each field in its object: what stands behind the last '.' of its path.
inline constexpr std::array<std::string_view, kFieldCount> kFieldKeys = [] {
    auto keys = kFieldPaths;
    for (auto& key : keys) key.remove_prefix(key.rfind('.') + 1);  // npos + 1 is 0
    return keys;
}();

[[nodiscard]] constexpr std::size_t index_of(Field field) noexcept {
    return static_cast<std::size_t>(field);
}
[[nodiscard]] constexpr std::string_view path_of(Field field) noexcept {
    return kFieldPaths[index_of(field)];
}

/// A run of fields, both ends inclusive; empty where `last` is before `first`.
struct FieldRange {
    std::size_t first;
    std::size_t last;
};

inline constexpr FieldRange kNoFields{1, 0};
inline constexpr FieldRange kFieldsOfAnEvent{index_of(Field::event_id), index_of(Field::data)};

/// The fields that the object in a field can hold itself; none for a field that holds no object.
[[nodiscard]] constexpr FieldRange fields_in(Field object) noexcept {
    switch (object) {
        case Field::data:
            return {index_of(Field::user), index_of(Field::engagement)};
        case Field::user:
            return {index_of(Field::user_id), index_of(Field::followers)};
        case Field::location:
            return {index_of(Field::location_country), index_of(Field::location_city)};
        case Field::engagement:
            return {index_of(Field::action_time), index_of(Field::purchase_amount)};
        default:
            return kNoFields;
    }
}

/// The fields at any depth below the object in a field.
[[nodiscard]] constexpr FieldRange fields_below(Field object) noexcept {
    switch (object) {
        case Field::data:
            return {index_of(Field::user), index_of(Field::purchase_amount)};
        case Field::user:
            return {index_of(Field::user_id), index_of(Field::location_city)};
        default:
            return fields_in(object);
    }
}

/// What an event's JSON holds in each field: the bytes of the value, of an object or an array
/// at least its bracket. A field that is absent is empty, which no value is.
class FoundFields {
  public:
    [[nodiscard]] std::string_view operator[](Field field) const noexcept {
        return values_[index_of(field)];
    }
    /// Whether any string of the event has an escape sequence.
    [[nodiscard]] bool has_escapes() const noexcept { return has_escapes_; }

    void set(Field field, std::string_view value) noexcept { values_[index_of(field)] = value; }
    void set_has_escapes() noexcept { has_escapes_ = true; }

    void clear() noexcept {
        values_.fill({});
        has_escapes_ = false;
    }
    void clear(FieldRange range) noexcept {
        for (auto field = range.first; field <= range.last; ++field) values_[field] = {};
    }

  private:
    std::array<std::string_view, kFieldCount> values_{};
    bool has_escapes_ = false;
};

}  // namespace events
