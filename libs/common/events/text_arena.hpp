#pragma once

#include "common/events/value.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace events {

/// Owns what events view beside their JSON, for as long as they do: texts that had escapes, and
/// values. Nothing in it moves, even when the arena does.
class TextArena {
  public:
    enum class Keep : std::uint8_t { all, texts };

    TextArena() = default;
    /// Where only texts are kept, events have no values: for those who only judge events.
    explicit TextArena(Keep keep) : keep_{keep} {}
    ~TextArena() = default;
    TextArena(TextArena&&) = default;
    TextArena& operator=(TextArena&&) = default;
    TextArena(const TextArena&) = delete;
    TextArena& operator=(const TextArena&) = delete;

    std::string_view add(std::string text) { return texts_.emplace_back(std::move(text)); }

    /// So many nulls; none where values are not kept.
    std::span<Value> make_values(std::size_t count) {
        if (keep_ == Keep::texts) return {};
        if (blocks_.empty() || blocks_.back().size - blocks_.back().used < count) add_block(count);
        auto& block = blocks_.back();
        block.used += count;
        return {block.values.get() + block.used - count, count};
    }

    void clear() noexcept {
        texts_.clear();
        blocks_.clear();
    }

    [[nodiscard]] std::size_t texts() const noexcept { return texts_.size(); }

  private:
    struct Block {
        std::unique_ptr<Value[]> values;  // NOLINT(modernize-avoid-c-arrays): of any size
        std::size_t size;
        std::size_t used;
    };

    void add_block(std::size_t least);

    Keep keep_ = Keep::all;
    std::deque<std::string> texts_;  // a deque never moves its elements
    std::vector<Block> blocks_;
};

}  // namespace events
