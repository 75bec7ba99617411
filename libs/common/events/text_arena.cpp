#include "common/events/text_arena.hpp"

#include <algorithm>

namespace events {
namespace {

constexpr std::size_t kSmallestBlock = 32;
constexpr std::size_t kLargestBlock = 4096;

}  // namespace

std::span<Value> TextArena::make_values(std::size_t count) {
    if (keep_ == Keep::texts) return {};
    if (values_.empty() || values_.back().capacity() - values_.back().size() < count) {
        const auto last = values_.empty() ? 0 : values_.back().capacity();
        const auto next = std::clamp(2 * last, kSmallestBlock, kLargestBlock);
        values_.emplace_back().reserve(std::max(next, count));
    }
    auto& block = values_.back();
    block.resize(block.size() + count);
    return std::span{block}.last(count);
}

}  // namespace events
