#pragma once

#include "common/sources/source.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace events {

/// A field that events of some source have: its place in the vocabulary. Those that every event
/// has stand first.
enum class Field : std::uint8_t {
    event,  ///< as a whole
    event_id,
    timestamp,
    source,
    funnel_stage,
    event_type,
    data,
    // data
    user,
    engagement,
    // data.user
    user_id,
};

[[nodiscard]] constexpr std::size_t index_of(Field field) noexcept {
    return static_cast<std::size_t>(field);
}

/// A run of fields: from `first` until before `end`.
struct FieldRange {
    std::size_t first = 0;
    std::size_t end = 0;
};

/// The fields of all sources' events, each path once: what a walk through an event's JSON looks
/// for. Fields of one object stand together, and behind them the fields of the objects in it, so
/// that an object's fields are a range.
class Vocabulary {
  public:
    explicit Vocabulary(std::span<const Source> sources);

    /// That of sources(), made at the first call.
    [[nodiscard]] static const Vocabulary& of_sources();

    Vocabulary(const Vocabulary&) = delete;
    Vocabulary& operator=(const Vocabulary&) = delete;
    ~Vocabulary() = default;

    [[nodiscard]] std::size_t size() const noexcept { return keys_.size(); }
    /// Where it stands in an event, e.g. "data.user.age".
    [[nodiscard]] std::string_view path(Field field) const noexcept {
        return paths_[index_of(field)];
    }
    /// Nothing where no source has a field there.
    [[nodiscard]] std::optional<Field> find_path(std::string_view path) const noexcept;

    /// The field of the object that a field stands in. Slow: for messages.
    [[nodiscard]] Field object_of(Field field) const noexcept;

    /// The fields at any depth below the object in a field.
    [[nodiscard]] FieldRange below(Field object) const noexcept { return below_[index_of(object)]; }

    /// The fields that may stand at one place by the order of the descriptions, which senders keep:
    /// one of each source and stage. What finds no room is found all the same.
    struct Likely {
        std::uint8_t count = 0;
        std::array<std::uint8_t, 7> fields{};

        void add(Field field) noexcept;
    };
    /// At the beginning of an object, and behind a field of one.
    [[nodiscard]] const Likely& first_in(Field object) const noexcept {
        return first_[index_of(object)];
    }
    [[nodiscard]] const Likely& next_to(Field field) const noexcept {
        return next_[index_of(field)];
    }

    /// The field of a key in an object, which mostly is one of the likely ones.
    [[nodiscard]] std::optional<Field> find(Field object, const Likely& likely,
                                            std::string_view key) const noexcept {
        for (std::size_t i = 0; i < likely.count; ++i) {
            if (keys_[likely.fields[i]] == key) return Field{likely.fields[i]};
        }
        const auto range = inside_[index_of(object)];
        for (auto field = range.first; field < range.end; ++field) {
            if (keys_[field] == key) return Field{static_cast<std::uint8_t>(field)};
        }
        return std::nullopt;
    }

  private:
    struct Node;

    void add(const Node& object);
    void learn_order(std::span<const std::string> paths);

    std::vector<std::string> paths_;
    std::vector<std::string_view> keys_;  ///< in their objects: the ends of the paths
    std::vector<FieldRange> inside_;      ///< the fields of the object itself
    std::vector<FieldRange> below_;       ///< and those of the objects in it
    std::vector<Likely> first_;
    std::vector<Likely> next_;
};

/// What an event's JSON holds in each field: the bytes of the value, of an object or an array
/// at least its bracket. A field that is absent is empty, which no value is.
class FoundFields {
  public:
    FoundFields() : values_(Vocabulary::of_sources().size()) {}

    [[nodiscard]] std::string_view operator[](Field field) const noexcept {
        const auto& [data, size] = values_[index_of(field)];
        return {data, size};
    }
    /// Whether any string of the event has an escape sequence.
    [[nodiscard]] bool has_escapes() const noexcept { return has_escapes_; }

    void set(Field field, std::string_view value) noexcept {
        values_[index_of(field)] = {value.data(), value.size()};
    }
    void set_has_escapes() noexcept { has_escapes_ = true; }

    void clear() noexcept {
        clear({0, values_.size()});
        has_escapes_ = false;
    }
    void clear(FieldRange range) noexcept {
        std::memset(values_.data() + range.first, 0, (range.end - range.first) * sizeof(Slice));
    }

  private:
    /// All zero it is empty, so that many are cleared at once.
    struct Slice {
        const char* data;
        std::size_t size;
    };

    std::vector<Slice> values_;
    bool has_escapes_ = false;
};

}  // namespace events
