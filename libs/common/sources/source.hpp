#pragma once

#include "common/sources/check.hpp"
#include "common/sources/source_spec.hpp"

#include <array>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace events {

/// Where events come from: a small value that stands for a description.
class Source {
  public:
    /// `spec` lasts as long as the program. Of one that breaks a rule of check.hpp no constexpr
    /// Source compiles.
    constexpr explicit Source(const SourceSpec& spec) : spec_{&spec} { source_rules::check(spec); }

    [[nodiscard]] constexpr const SourceSpec& spec() const noexcept { return *spec_; }
    [[nodiscard]] constexpr std::string_view name() const noexcept { return spec_->name; }
    [[nodiscard]] constexpr std::string_view title() const noexcept { return spec_->title; }
    [[nodiscard]] constexpr std::uint8_t number() const noexcept { return spec_->number; }
    [[nodiscard]] constexpr std::string_view id_prefix() const noexcept { return spec_->id_prefix; }
    [[nodiscard]] constexpr const char* stream() const noexcept { return spec_->stream.c_str(); }
    [[nodiscard]] constexpr const char* subject() const noexcept { return spec_->subject.c_str(); }
    [[nodiscard]] constexpr const char* dead_letter_subject() const noexcept {
        return spec_->dead_letter_subject.c_str();
    }
    /// Its collector, and the name of that one's consumer of the stream.
    [[nodiscard]] constexpr const char* durable() const noexcept { return spec_->durable.c_str(); }
    [[nodiscard]] constexpr std::string_view table() const noexcept { return spec_->table.view(); }
    [[nodiscard]] constexpr std::span<const TypeSpec> types() const noexcept {
        return spec_->types;
    }
    [[nodiscard]] constexpr std::span<const FieldSpec> fields() const noexcept {
        return spec_->fields;
    }

    friend constexpr bool operator==(Source one, Source other) noexcept {
        return one.number() == other.number();
    }
    friend constexpr auto operator<=>(Source one, Source other) noexcept {
        return one.number() <=> other.number();
    }

  private:
    const SourceSpec* spec_;
};

/// A list of sources, which are different ones: see source_rules::check_apart().
template <std::same_as<Source>... Sources>
[[nodiscard]] constexpr auto make_list(Sources... sources) {
    const std::array list{sources...};
    for (std::size_t i = 0; i < list.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            source_rules::check_apart(list[i].spec(), list[j].spec());
        }
    }
    return list;
}

/// All sources, in the order of lists and messages. Each program links its own list: those of the
/// product events_registered_sources, see registered.cpp.
[[nodiscard]] std::span<const Source> sources() noexcept;

/// Nothing where no source has that name.
[[nodiscard]] inline std::optional<Source> find_source(std::string_view name) noexcept {
    for (const auto source : sources()) {
        if (source.name() == name) return source;
    }
    return std::nullopt;
}

/// Nothing where no source has that number.
[[nodiscard]] inline std::optional<Source> find_source_of_number(std::uint8_t number) noexcept {
    for (const auto source : sources()) {
        if (source.number() == number) return source;
    }
    return std::nullopt;
}

/// Their names for people, e.g. "facebook or tiktok".
[[nodiscard]] inline std::string source_names(std::string_view between) {
    std::string names;
    for (const auto source : sources()) {
        if (!names.empty()) names += between;
        names += source.name();
    }
    return names;
}

/// Something of each source.
template <typename T>
class BySource {
  public:
    [[nodiscard]] T& operator[](Source source) noexcept { return values_[source.number()]; }
    [[nodiscard]] const T& operator[](Source source) const noexcept {
        return values_[source.number()];
    }

    friend bool operator==(const BySource&, const BySource&) = default;

  private:
    std::array<T, kMaxSources> values_{};
};

}  // namespace events
