// The format: https://www.postgresql.org/docs/15/sql-copy.html, "Binary Format". The values are
// what each type's receive function reads: network byte order, as in pg_type.typreceive.

#include "common/postgres/copy_rows.hpp"

#include <boost/endian/conversion.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>

namespace events::postgres {
namespace {

constexpr std::int32_t kNull = -1;

/// timestamptz counts microseconds from here.
constexpr Timestamp kEpoch{std::chrono::sys_days{std::chrono::year{2000} / 1 / 1}};

/// numeric is made of groups of four decimal digits.
constexpr std::size_t kGroup = 4;

/// `digits` as the value of a group: "07" as the last one of a fraction is 700.
std::int16_t group_of(std::string_view digits, std::size_t zeros_behind) {
    int value = 0;
    for (const char digit : digits) value = value * 10 + (digit - '0');
    for (; zeros_behind > 0; --zeros_behind) value *= 10;
    return static_cast<std::int16_t>(value);
}

}  // namespace

CopyRows::CopyRows(std::size_t columns) : columns_{columns} {}

void CopyRows::clear() noexcept {
    size_ = 0;
    begins_.clear();
}

// A row is some 50 small pieces: std::string's own append would be most of the work.
inline void CopyRows::append(std::string_view bytes) {
    if (bytes.empty()) return;  // an empty view may have no address to copy from
    if (buffer_.size() - size_ < bytes.size()) buffer_.resize(2 * (buffer_.size() + bytes.size()));
    bytes.copy(buffer_.data() + size_, bytes.size());  // memcpy, but an empty view may have no data
    size_ += bytes.size();
}

template <typename Integer>
inline void CopyRows::append(Integer number) {
    const auto bytes =
        std::bit_cast<std::array<char, sizeof(Integer)>>(boost::endian::native_to_big(number));
    append(std::string_view{bytes.data(), bytes.size()});
}

void CopyRows::begin_row() {
    begins_.push_back(size_);
    append(static_cast<std::int16_t>(columns_));
}

void CopyRows::add(std::string_view text) {
    append(static_cast<std::int32_t>(text.size()));
    append(text);
}

void CopyRows::add(std::int16_t number) {
    append(std::int32_t{sizeof number});
    append(number);
}

void CopyRows::add(std::int64_t number) {
    append(std::int32_t{sizeof number});
    append(number);
}

void CopyRows::add(Timestamp time) {
    add(std::int64_t{(time - kEpoch).count()});
}

void CopyRows::add_numeric(std::string_view decimal) {
    const auto point = std::min(decimal.find('.'), decimal.size());
    auto whole = decimal.substr(0, point);
    auto fraction = decimal.substr(std::min(point + 1, decimal.size()));
    const auto scale = fraction.size();
    // Groups are counted from the point, and zeros at either end are not stored.
    whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
    fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);

    const auto groups_of = [](std::size_t digits) { return (digits + kGroup - 1) / kGroup; };
    const auto before = groups_of(whole.size());
    const auto count = before + groups_of(fraction.size());
    append(static_cast<std::int32_t>(sizeof(std::int16_t) * (4 + count)));
    append(static_cast<std::int16_t>(count));
    append(static_cast<std::int16_t>(static_cast<int>(before) - 1));
    append(std::int16_t{0});  // positive
    append(static_cast<std::int16_t>(scale));
    for (auto size = whole.size() - kGroup * (before - 1); !whole.empty(); size = kGroup) {
        append(group_of(whole.substr(0, size), 0));
        whole.remove_prefix(size);
    }
    while (!fraction.empty()) {
        const auto digits = fraction.substr(0, kGroup);
        append(group_of(digits, kGroup - digits.size()));
        fraction.remove_prefix(digits.size());
    }
}

void CopyRows::add(std::nullopt_t /*null*/) {
    append(kNull);
}

std::int32_t CopyRows::length_at(std::size_t place) const noexcept {
    std::array<char, sizeof(std::int32_t)> bytes{};
    std::memcpy(bytes.data(), buffer_.data() + place, bytes.size());
    return boost::endian::big_to_native(std::bit_cast<std::int32_t>(bytes));
}

std::string_view CopyRows::data(std::size_t first, std::size_t count) const noexcept {
    const auto place_of = [&](std::size_t row) {
        return row < begins_.size() ? begins_[row] : size_;
    };
    return std::string_view{buffer_}.substr(place_of(first),
                                            place_of(first + count) - place_of(first));
}

}  // namespace events::postgres
