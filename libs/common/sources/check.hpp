#pragma once

#include "common/sources/source_spec.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

/// What a description of a source must be. It is checked where a Source is made of it, which is at
/// compile time: the compiler then stops at the rule that is broken.
namespace events::source_rules {

class Broken : public std::logic_error {
  public:
    using std::logic_error::logic_error;
};

/// Columns that every table of events has.
inline constexpr std::array<std::string_view, 7> kCommonColumns{
    "event_id",   "occurred_at", "received_at",   "funnel_stage",
    "event_type", "user_id",     "correlation_id"};
/// The column that reports sum up.
inline constexpr std::string_view kAmountColumn = "purchase_amount";

/// Whether a text is made of lower-case letters, digits and those of `others`, a letter first.
constexpr bool is_word(std::string_view text, std::string_view others) {
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || others.find(c) != std::string_view::npos;
    });
}

/// Whether some events have both fields.
constexpr bool meet(const FieldSpec& one, const FieldSpec& other) {
    return !one.stage || !other.stage || *one.stage == *other.stage;
}

/// Whether the value of `outer` would be both a value of its own and the object that holds `inner`.
constexpr bool holds(const FieldSpec& outer, const FieldSpec& inner) {
    return inner.path.starts_with(outer.path) &&
           inner.path.substr(outer.path.size()).starts_with('.');
}

constexpr void check_names(const SourceSpec& spec) {
    if (!is_word(spec.name, "")) throw Broken{"a name is of lower-case letters and digits"};
    if (spec.name.size() > 20) throw Broken{"a name has at most 20 letters"};
    if (spec.name == "dead" || spec.name == "gateway") throw Broken{"the name is the suite's own"};
    if (spec.title.empty()) throw Broken{"a source has a title"};
    if (spec.number >= kMaxSources) throw Broken{"a source's number is below kMaxSources"};
    if (!is_word(spec.id_prefix, "-")) throw Broken{"a source has a prefix of ids"};
    if (!is_word(spec.collector, "-") || !spec.collector.ends_with("-collector")) {
        throw Broken{"a collector's name ends with -collector"};
    }
}

constexpr void check_types(const SourceSpec& spec) {
    for (const auto stage : {FunnelStage::top, FunnelStage::bottom}) {
        if (std::ranges::find(spec.types, stage, &TypeSpec::stage) == spec.types.end()) {
            throw Broken{"each stage has an event type"};
        }
    }
    for (const auto& type : spec.types) {
        if (!is_word(type.name, "._-")) throw Broken{"an event type has a name"};
        if (std::ranges::count(spec.types, type.name, &TypeSpec::name) != 1) {
            throw Broken{"an event type stands once in a source"};
        }
        if (type.has_revenue && std::ranges::none_of(spec.fields, [&](const FieldSpec& field) {
                return field.kind == FieldKind::amount_or_null && field.is_in(type.stage);
            })) {
            throw Broken{"a type with revenue has an amount in the fields of its stage"};
        }
    }
}

constexpr void check_kind(const FieldSpec& field) {
    if ((field.kind == FieldKind::choice) == field.choices.empty()) {
        throw Broken{"a choice has choices, and nothing else has"};
    }
    if (field.kind != FieldKind::integer && field.bounds != Bounds{}) {
        throw Broken{"only an integer has bounds"};
    }
    if (field.bounds.max < field.bounds.min) throw Broken{"the bounds are the wrong way round"};
    if ((field.kind == FieldKind::amount_or_null) != (field.column == kAmountColumn)) {
        throw Broken{"an amount's column is purchase_amount, which nothing else is"};
    }
    // Not by dimension(): with UBSan, GCC 12 compares no address with null in a constant.
    for (const auto& dimension : kDimensions) {
        if (dimension.column != field.column) continue;
        const bool is_text = field.sql_type() == "text";
        const bool is_integer = field.kind == FieldKind::integer;
        if (dimension.kind == Dimension::Kind::text ? !is_text : !is_integer) {
            throw Broken{"a dimension is fed by a field of its kind"};
        }
    }
}

constexpr void check_sample(const FieldSpec& field) {
    const bool is_free_text =
        field.kind == FieldKind::text || field.kind == FieldKind::text_or_null;
    const bool is_text = field.sample != Sample::any && field.sample != Sample::magnitude;
    if (is_free_text != is_text) throw Broken{"a text, and nothing else, has a sample of text"};
    if (field.sample == Sample::magnitude && field.kind != FieldKind::integer) {
        throw Broken{"only an integer has a magnitude"};
    }
    if (field.range.max < field.range.min) throw Broken{"the range is the wrong way round"};
    if (field.kind == FieldKind::integer &&
        (field.range.min < field.bounds.min || field.range.max > field.bounds.max)) {
        throw Broken{"the range of samples is within the bounds"};
    }
}

constexpr void check_place(const FieldSpec& field) {
    const bool is_of_engagement = field.path.starts_with("engagement.");
    if (!field.is_of_user() && !is_of_engagement) {
        throw Broken{"a field stands in user or in engagement"};
    }
    if (field.is_of_user() && field.stage) throw Broken{"every event has all fields of the user"};
    if (field.key().empty() || field.path.find("..") != std::string_view::npos) {
        throw Broken{"each part of a path has a name"};
    }
    if (field.path == "user.userId") throw Broken{"user.userId is the suite's own field"};
    if (!is_word(field.column, "_")) throw Broken{"a column is of lower-case letters and digits"};
    if (std::ranges::find(kCommonColumns, field.column) != kCommonColumns.end()) {
        throw Broken{"the column is the suite's own"};
    }
}

constexpr void check_fields(const SourceSpec& spec) {
    bool is_behind_user = false;
    for (const auto& field : spec.fields) {
        check_place(field);
        check_kind(field);
        check_sample(field);
        if (is_behind_user && field.is_of_user()) throw Broken{"the user's fields stand first"};
        is_behind_user = !field.is_of_user();
        for (const auto& other : spec.fields) {
            if (&field == &other) continue;
            if (field.column == other.column) throw Broken{"a column stands once"};
            if (holds(field, other)) throw Broken{"a field that is a value holds no other"};
            if (field.path == other.path && meet(field, other)) throw Broken{"a path stands once"};
        }
    }
}

/// Errors  Broken.
constexpr void check(const SourceSpec& spec) {
    check_names(spec);
    check_fields(spec);
    check_types(spec);
}

/// The same of sources that stand beside each other.
constexpr void check_apart(const SourceSpec& one, const SourceSpec& other) {
    if (one.name == other.name) throw Broken{"two sources have one name"};
    if (one.number == other.number) throw Broken{"two sources have one number"};
    if (one.id_prefix == other.id_prefix) throw Broken{"two sources have one prefix of ids"};
    if (one.collector == other.collector) throw Broken{"two sources have one collector"};
}

}  // namespace events::source_rules
