#include "common/segments/record.hpp"

#include "common/crypto/digest.hpp"
#include "common/events/money.hpp"

#include <array>
#include <cstddef>

namespace events::segments {
namespace {

constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> kDigits = [] {
    std::array<std::uint8_t, 256> digits{};
    digits.fill(kNoDigit);
    for (std::uint8_t i = 0; i < 10; ++i) digits['0' + i] = i;
    for (std::uint8_t i = 0; i < 6; ++i) digits['a' + i] = static_cast<std::uint8_t>(10 + i);
    return digits;
}();

/// Appends `count` digits of `text` to the number; a bad one leaves its mark in `seen`.
constexpr std::uint64_t read(std::string_view text, std::size_t at, std::size_t count,
                             std::uint64_t number, std::uint8_t& seen) {
    for (const char c : text.substr(at, count)) {
        const auto digit = kDigits[static_cast<unsigned char>(c)];
        seen |= digit;
        number = number << 4 | digit;
    }
    return number;
}

void add_user(Record& record, const FacebookUser& user) {
    record.user_id = user.user_id;
    record.age = user.age;
    record.gender = user.gender;
    record.country = user.country;
    record.city = user.city;
}

void add_user(Record& record, const TikTokUser& user) {
    record.user_id = user.user_id;
    record.followers = user.followers;
}

void add_amount(Record& record, const EventType& type, std::optional<std::string_view> amount) {
    if (!amount || !type.has_revenue) return;
    if (const auto cents = parse_amount(*amount)) {
        record.revenue = static_cast<std::int64_t>(*cents);
    }
}

void add_engagement(Record&, const EventType&, const FacebookTop&) {}

void add_engagement(Record& record, const EventType& type, const FacebookBottom& bottom) {
    record.campaign_id = bottom.campaign_id;
    record.device = bottom.device;
    add_amount(record, type, bottom.purchase_amount);
}

void add_engagement(Record& record, const EventType&, const TikTokTop& top) {
    record.country = top.country;
    record.device = top.device;
}

void add_engagement(Record& record, const EventType& type, const TikTokBottom& bottom) {
    add_amount(record, type, bottom.purchase_amount);
}

}  // namespace

UserKey user_key(std::string_view id) {
    if (id.size() == 36 && id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-') {
        std::uint8_t seen = 0;
        const auto high = read(id, 14, 4, read(id, 9, 4, read(id, 0, 8, 0, seen), seen), seen);
        const auto low = read(id, 24, 12, read(id, 19, 4, 0, seen), seen);
        if (seen < 16) return {.hashed = false, .high = high, .low = low};
    }
    const auto digest = crypto::sha256(id);
    UserKey key{.hashed = true};
    for (std::size_t i = 0; i < 8; ++i) {
        key.high = key.high << 8 | digest[i];
        key.low = key.low << 8 | digest[i + 8];
    }
    return key;
}

Record record_of(const Event& event) {
    Record record{.user_id = {},
                  .occurred_at = event.timestamp,
                  .funnel_stage = to_string(event.type->stage),
                  .event_type = event.type->name};
    std::visit(
        [&](const auto& data) {
            add_user(record, data.user);
            std::visit(
                [&](const auto& engagement) { add_engagement(record, *event.type, engagement); },
                data.engagement);
        },
        event.data);
    return record;
}

}  // namespace events::segments
