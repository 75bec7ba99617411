#include "common/events/text_arena.hpp"

#include <algorithm>

namespace events {
namespace {

constexpr std::size_t kSmallestBlock = 32;
constexpr std::size_t kLargestBlock = 4096;

}  // namespace

void TextArena::add_block(std::size_t least) {
    const auto next = blocks_.empty() ? kSmallestBlock : 2 * blocks_.back().size;
    const auto size = std::max(std::min(next, kLargestBlock), least);
    blocks_.push_back({std::make_unique<Value[]>(size), size, 0});  // NOLINT: as in the header
}

}  // namespace events
