#pragma once

#include "common/sources/dimensions.hpp"
#include "common/sources/type_spec.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

namespace events {

/// What JSON a field holds, and how it is stored.
enum class FieldKind : std::uint8_t {
    text,            ///< a string of at most 1,024 bytes
    text_or_null,    ///< the same, or null
    choice,          ///< one of `choices`
    integer,         ///< within `bounds`
    time,            ///< an RFC 3339 date-time
    amount_or_null,  ///< a string such as "12.50", or null: the purchase amount
};

/// Inclusive bounds of an integer.
struct Bounds {
    std::int64_t min = 0;
    std::int64_t max = std::numeric_limits<std::int64_t>::max();

    friend bool operator==(const Bounds&, const Bounds&) = default;
};

/// What the publisher makes up for a field.
enum class Sample : std::uint8_t {
    any,        ///< a choice, an amount, an integer of `range`, a time shortly before the event's
    full_name,  ///< texts: a person's name
    handle,     ///< how a person is called online
    country,
    city,       ///< in the country that was made up before
    item,       ///< something that is sold
    uuid,       ///< `prefix` and a UUID
    serial,     ///< `prefix` and a number of up to ten digits
    magnitude,  ///< an integer, of which each order of magnitude is as likely
};

/// Where the publisher gives a field that may be null a value.
enum class Presence : std::uint8_t { sometimes, with_revenue, without_revenue };

/// A field of a source's events below `data`, and the column that it is stored in.
struct FieldSpec {
    std::string_view path;    ///< below data: begins with "user." or "engagement."
    std::string_view column;  ///< feeds the dimension of that name, see dimensions.hpp
    FieldKind kind;
    /// Of fields of the engagement: which stage's events have it; nothing: all.
    std::optional<FunnelStage> stage{};
    Bounds bounds{};
    std::span<const std::string_view> choices{};

    // For the publisher.
    Sample sample = Sample::any;
    std::string_view prefix{};
    Bounds range{0, 1'000};
    Presence presence = Presence::sometimes;

    [[nodiscard]] constexpr bool is_in(FunnelStage the_stage) const noexcept {
        return !stage || *stage == the_stage;
    }
    [[nodiscard]] constexpr bool is_of_user() const noexcept { return path.starts_with("user."); }
    [[nodiscard]] constexpr bool may_be_null() const noexcept {
        return kind == FieldKind::text_or_null || kind == FieldKind::amount_or_null;
    }
    /// Its key in its object: what stands behind the last '.' of its path.
    [[nodiscard]] constexpr std::string_view key() const noexcept {
        return path.substr(path.rfind('.') + 1);  // npos + 1 is 0
    }
    /// Null where it feeds none.
    [[nodiscard]] constexpr const Dimension* dimension() const noexcept {
        return find_dimension(column);
    }
    /// An integer that a smallint holds.
    [[nodiscard]] constexpr bool is_small() const noexcept {
        return kind == FieldKind::integer &&
               bounds.min >= std::numeric_limits<std::int16_t>::min() &&
               bounds.max <= std::numeric_limits<std::int16_t>::max();
    }
    /// Its column's type, as PostgreSQL's format_type() writes it.
    [[nodiscard]] constexpr std::string_view sql_type() const noexcept {
        switch (kind) {
            case FieldKind::text:
            case FieldKind::text_or_null:
            case FieldKind::choice:
                return "text";
            case FieldKind::integer:
                return is_small() ? "smallint" : "bigint";
            case FieldKind::time:
                return "timestamp with time zone";
            case FieldKind::amount_or_null:
                return "numeric(14,2)";
        }
        return {};
    }
    /// Whether its column is NOT NULL: the other stage's events have no value for it.
    [[nodiscard]] constexpr bool is_in_every_row() const noexcept {
        return !stage && !may_be_null();
    }
};

}  // namespace events
