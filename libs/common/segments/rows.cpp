#include "common/segments/rows.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace events::segments {
namespace {

struct Entry {
    std::uint64_t high;
    std::uint32_t row;
    bool hashed;
};

template <typename T>
std::strong_ordering compare_ids(const TextIds& texts, T left, T right) {
    if (left == right) return std::strong_ordering::equal;
    if (left == 0 || right == 0) return left <=> right;
    return texts[left] <=> texts[right];
}

std::strong_ordering compare(const Rows& rows, const Texts& texts, std::uint32_t left,
                             std::uint32_t right) {
    if (const auto by = rows.users[left] <=> rows.users[right]; by != nullptr) return by;
    if (const auto by = rows.times[left] <=> rows.times[right]; by != nullptr) return by;
    for (std::size_t i = 0; i < rows.columns.size(); ++i) {
        const auto& [ids, numbers] = rows.columns[i];
        const auto by = ids.empty() ? numbers[left] <=> numbers[right]
                                    : compare_ids(texts[i], ids[left], ids[right]);
        if (by != nullptr) return by;
    }
    return std::strong_ordering::equal;
}

/// Sorts by the halves' bits that differ first, into about as many buckets as there are entries:
/// ids are spread evenly, as a rule, so that a bucket holds one or two.
std::vector<Entry> entries_by_bucket(const Rows& rows, std::vector<std::uint32_t>& ends) {
    std::uint64_t least = ~std::uint64_t{0};
    std::uint64_t greatest = 0;
    for (const auto& user : rows.users) {
        least = std::min(least, user.high);
        greatest = std::max(greatest, user.high);
    }
    const auto buckets = std::bit_ceil(rows.size() + 1);
    const auto bits = std::bit_width(greatest - least);
    const auto shift = std::max(0, static_cast<int>(bits) - std::countr_zero(buckets));
    const auto bucket_of = [&](const UserKey& user) {
        return (user.hashed ? buckets : 0) + ((user.high - least) >> shift);
    };
    ends.assign(2 * buckets, 0);
    for (const auto& user : rows.users) ++ends[bucket_of(user)];
    std::uint32_t begin = 0;
    for (auto& end : ends) begin += std::exchange(end, begin);
    std::vector<Entry> entries(rows.size());
    for (std::uint32_t row = 0; row < rows.size(); ++row) {
        const auto& user = rows.users[row];
        entries[ends[bucket_of(user)]++] = {user.high, row, user.hashed};
    }
    return entries;
}

/// Of equal rows, which stand together, as many as there are more of one sign than of the other;
/// none with a sign of 0.
std::vector<std::uint32_t> without_cancelled(const Rows& rows, const Texts& texts,
                                             const std::vector<std::uint32_t>& order) {
    std::vector<std::uint32_t> kept;
    for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
        int sum = 0;
        for (; end < order.size() && compare(rows, texts, order[begin], order[end]) == nullptr;
             ++end) {
            sum += rows.signs[order[end]];
        }
        for (auto at = begin; at < end && sum != 0; ++at) {
            if (rows.signs[order[at]] * sum <= 0) continue;
            kept.push_back(order[at]);
            sum -= rows.signs[order[at]];
        }
    }
    return kept;
}

template <typename T>
void gather(std::vector<T>& to, const std::vector<T>& from, std::span<const std::uint32_t> order) {
    if (from.empty()) return;
    const auto first = to.size();
    to.resize(first + order.size());
    for (std::size_t i = 0; i < order.size(); ++i) to[first + i] = from[order[i]];
}

}  // namespace

void Rows::clear() {
    users.clear();
    times.clear();
    signs.clear();
    for (auto& [ids, numbers] : columns) {
        ids.clear();
        numbers.clear();
    }
}

void Rows::append(const Rows& from, std::span<const std::uint32_t> order) {
    gather(users, from.users, order);
    gather(times, from.times, order);
    gather(signs, from.signs, order);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        gather(columns[i].ids, from.columns[i].ids, order);
        gather(columns[i].numbers, from.columns[i].numbers, order);
    }
}

Texts make_texts(Source source, const Seed& seed) {
    return Texts(columns_of(source).size(), TextIds{seed});
}

std::vector<std::uint32_t> sorted(const Rows& rows, const Texts& texts) {
    std::vector<std::uint32_t> ends;
    auto entries = entries_by_bucket(rows, ends);
    const auto less = [&](const Entry& left, const Entry& right) {
        if (left.high != right.high && left.hashed == right.hashed) return left.high < right.high;
        return compare(rows, texts, left.row, right.row) < 0;
    };
    std::uint32_t begin = 0;
    for (const auto end : ends) {
        if (end - begin > 1) std::sort(entries.begin() + begin, entries.begin() + end, less);
        begin = end;
    }
    std::vector<std::uint32_t> order(entries.size());
    std::ranges::transform(entries, order.begin(), &Entry::row);
    const bool all_added = std::ranges::all_of(rows.signs, [](auto sign) { return sign > 0; });
    return all_added ? order : without_cancelled(rows, texts, order);
}

}  // namespace events::segments
