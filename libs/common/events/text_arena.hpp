#pragma once

#include "common/events/value.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
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

    std::string_view add(std::string text) { return texts_.emplace_back(std::move(text)); }
    /// So many nulls.
    std::span<Value> make_values(std::size_t count);

    void clear() noexcept {
        texts_.clear();
        values_.clear();
    }

    [[nodiscard]] std::size_t texts() const noexcept { return texts_.size(); }

  private:
    Keep keep_ = Keep::all;
    std::deque<std::string> texts_;           // a deque never moves its elements
    std::vector<std::vector<Value>> values_;  // each with room for more, but for the last one full
};

}  // namespace events
