#include "common/segments/record.hpp"

#include "common/crypto/digest.hpp"
#include "common/events/money.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace events::segments {
namespace {

/// Reads eight hexadecimal digits in lower case, all at once: a byte of `word` each, the first in
/// the lowest. What is none takes its bit from `valid`.
std::uint64_t read_digits(std::uint64_t word, std::uint64_t& valid) {
    constexpr std::uint64_t kEach = 0x0101'0101'0101'0101;
    constexpr std::uint64_t kHighBits = kEach * 0x80;
    const auto from = [word](char c) {  // the high bit of each byte that is not before it
        return (word & ~kHighBits) + kEach * (0x80U - static_cast<unsigned char>(c));
    };
    const auto is_digit = from('0') & ~from('9' + 1);
    const auto is_letter = from('a') & ~from('f' + 1);
    valid &= (is_digit | is_letter) & ~word;
    auto digits = (word & kEach * 0xf) + (word >> 6 & kEach) * 9;
    digits = __builtin_bswap64(digits);
    digits = (digits | digits >> 4) & 0x00ff'00ff'00ff'00ff;
    digits = (digits | digits >> 8) & 0x0000'ffff'0000'ffff;
    return (digits | digits >> 16) & 0xffff'ffff;
}

/// The halves of an id that has the hyphens of a UUID; nothing unless the others are digits.
std::optional<UserKey> read_uuid(std::string_view id) {
    const auto word = [&](std::size_t first, std::size_t second) {
        std::array<std::uint32_t, 2> halves{};
        std::memcpy(&halves[0], id.data() + first, 4);
        std::memcpy(&halves[1], id.data() + second, 4);
        return std::bit_cast<std::uint64_t>(halves);
    };
    auto valid = ~std::uint64_t{0};
    const auto high = read_digits(word(0, 4), valid) << 32 | read_digits(word(9, 14), valid);
    const auto low = read_digits(word(19, 24), valid) << 32 | read_digits(word(28, 32), valid);
    if ((~valid & 0x8080'8080'8080'8080) != 0) return std::nullopt;
    return UserKey{.hashed = false, .high = high, .low = low};
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
        if (const auto key = read_uuid(id)) return *key;
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
