#include "common/segments/record.hpp"

#include "common/crypto/digest.hpp"
#include "common/events/money.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <vector>

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

/// A field of a source, by its place, and the column that its values stand in.
struct Feed {
    std::size_t field;
    ColumnInfo column;
};

struct SourceColumns {
    std::vector<ColumnInfo> columns;
    std::vector<Feed> feeds;
};

bool is_fed_by(Column column, const FieldSpec& field) {
    if (column == Column::revenue) return field.kind == FieldKind::amount_or_null;
    const auto* dimension = field.dimension();
    return dimension != nullptr && Column{dimension->number} == column;
}

SourceColumns describe(Source source) {
    SourceColumns described;
    const auto fields = source.fields();
    for (const auto& info : kColumns) {
        const auto field = std::ranges::find_if(
            fields, [&](const FieldSpec& each) { return is_fed_by(info.column, each); });
        if (field != fields.end()) {
            described.feeds.push_back({static_cast<std::size_t>(field - fields.begin()), info});
        } else if (info.column != Column::funnel_stage && info.column != Column::event_type) {
            continue;
        }
        described.columns.push_back(info);
    }
    return described;
}

const SourceColumns& described(Source source) {
    static const auto kDescribed = [] {
        BySource<SourceColumns> all;
        for (const auto each : sources()) all[each] = describe(each);
        return all;
    }();
    return kDescribed[source];
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

std::span<const ColumnInfo> columns_of(Source source) {
    return described(source).columns;
}

Record record_of(const Event& event) {
    Record record{.user_id = event.user_id,
                  .occurred_at = event.timestamp,
                  .funnel_stage = to_string(event.type->stage),
                  .event_type = event.type->name};
    for (const auto& [field, column] : described(event.type->source).feeds) {
        const auto& value = event.values[field];
        if (value.is_null()) continue;
        if (column.text != nullptr) {
            record.*column.text = value.text();
        } else if (column.column != Column::revenue) {
            record.*column.number = value.integer();
        } else if (event.type->has_revenue) {
            if (const auto cents = parse_amount(value.text())) {
                record.revenue = static_cast<std::int64_t>(*cents);
            }
        }
    }
    return record;
}

}  // namespace events::segments
