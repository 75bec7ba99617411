#include "common/segments/ids.hpp"

#include <algorithm>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace events::segments {

std::uint64_t TextIds::hash_of(std::string_view text) const {
    return XXH3_64bits_withSeed(text.data(), text.size(), seed_.first) ^ seed_.second;
}

std::uint32_t TextIds::id_of(std::string_view text, std::uint64_t hash) {
    const auto place =
        slots_.find_or_add(hash, texts_.size(), [&](auto known) { return texts_[known] == text; });
    if (place == texts_.size()) {
        texts_.push_back(text);
        bytes_ += text.size();
    }
    return place + 1;
}

std::uint32_t TextIds::find(std::string_view text) const {
    return static_cast<std::uint32_t>(std::ranges::find(texts_, text) - texts_.begin()) + 1;
}

void TextIds::sort(std::vector<std::uint32_t>& ids) const {
    if (ids.empty()) return;
    // What the first eight bytes behind the texts' common beginning say decides nearly always.
    const auto first = (*this)[ids.front()];
    auto same = first.size();
    for (const auto id : ids) {
        const auto text = (*this)[id].substr(0, same);
        same = static_cast<std::size_t>(std::ranges::mismatch(first, text).in2 - text.begin());
    }
    std::vector<std::pair<std::uint64_t, std::uint32_t>> heads;
    heads.reserve(ids.size());
    for (const auto id : ids) {
        std::uint64_t head = 0;
        const auto text = (*this)[id].substr(same, sizeof head);
        for (const char c : text) head = head << 8 | static_cast<unsigned char>(c);
        if (!text.empty()) head <<= 8 * (sizeof head - text.size());
        heads.emplace_back(head, id);
    }
    std::ranges::sort(heads, [this](const auto& left, const auto& right) {
        if (left.first != right.first) return left.first < right.first;
        return (*this)[left.second] < (*this)[right.second];
    });
    for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = heads[i].second;
}

void TextIds::clear() {
    texts_.clear();
    slots_.clear();
    bytes_ = 0;
}

}  // namespace events::segments
