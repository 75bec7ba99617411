#include "common/segments/plan.hpp"

#include <algorithm>

namespace events::segments {
namespace {

constexpr std::int64_t kHour = 3'600'000'000;

/// What the sums tell apart.
std::optional<std::string_view> text_of(const HourSum& sum, Source source, Column column) {
    switch (column) {
        case Column::source:
            return to_string(source);
        case Column::funnel_stage:
            return sum.funnel_stage;
        case Column::event_type:
            return sum.event_type;
        default:
            return std::nullopt;
    }
}

bool is_summed(Column column) {
    return text_of({}, {}, column).has_value();
}

/// The codes that meet a condition; nothing where the column can not.
CodeRange codes_of(const ColumnView& column, const Condition& condition) {
    if (const auto* text = std::get_if<std::string>(&condition.value)) {
        const auto code = column.is_text ? column.dictionary.find(*text) : 0;
        return code == 0 ? CodeRange{} : CodeRange{code, code};
    }
    const auto& [min, max] = std::get<NumberRange>(condition.value);
    return column.is_text ? CodeRange{} : column.codes_of(min, max);
}

bool is_source(const Condition& condition, Source source) {
    const auto* text = std::get_if<std::string>(&condition.value);
    return text != nullptr && *text == to_string(source);
}

}  // namespace

Timeline::Timeline(const Question& question)
    : from_{question.from}, to_{question.to}, buckets_{question.buckets}, cuts_{question.buckets} {
    if (!cuts_.empty()) cuts_.erase(cuts_.begin());
    cuts_.push_back(from_);
    if (to_ != std::numeric_limits<std::int64_t>::max()) cuts_.push_back(to_ + 1);
    std::ranges::sort(cuts_);
}

std::uint32_t Timeline::bucket_of(std::int64_t time) const {
    if (time < from_ || time > to_) return kOutside;
    const auto behind = std::ranges::upper_bound(buckets_, time) - buckets_.begin();
    return behind == 0 ? 0 : static_cast<std::uint32_t>(behind - 1);
}

std::uint32_t Timeline::shared_bucket(std::int64_t first, std::int64_t last) const {
    const auto cut = std::ranges::upper_bound(cuts_, first);
    return cut != cuts_.end() && *cut <= last ? kCut : bucket_of(first);
}

std::vector<std::uint32_t> Timeline::minutes_of(const ColumnView& minute) const {
    constexpr std::uint64_t kMostMinutes = 1 << 17;  // three months
    constexpr auto kLength = format::kMicrosecondsPerMinute;
    if (minute.greatest > kMostMinutes) return {};
    std::vector<std::uint32_t> buckets(minute.greatest + 1, kCut);
    for (std::uint64_t code = 1; code <= minute.greatest; ++code) {
        std::int64_t first = 0;
        std::int64_t last = 0;
        // The first and the last minute of all times are not whole.
        if (__builtin_mul_overflow(minute.number(code), kLength, &first) ||
            __builtin_add_overflow(first, kLength - 1, &last)) {
            continue;
        }
        buckets[code] = shared_bucket(first, last);
    }
    return buckets;
}

Planner::Planner(const Question& question, const Seed& seed)
    : question_{question}, timeline_{question}, texts_{seed} {}

std::optional<std::string_view> Planner::text(std::uint32_t value) const {
    if (value == 0) return std::nullopt;
    return texts_[value];
}

void Planner::add(const ScanInput& input) {
    if (sums_answer(input)) {
        add_sums(input);
    } else if (auto found = plan(input.segment)) {
        plans_.push_back(*std::move(found));
    }
}

bool Planner::sums_answer(const ScanInput& input) const {
    return input.sums != nullptr && question_.figure != Figure::users &&
           std::ranges::all_of(question_.keys, is_summed, &Key::column) &&
           std::ranges::all_of(question_.conditions, is_summed, &Condition::column) &&
           std::ranges::none_of(*input.sums, [this](const HourSum& sum) {
               std::int64_t first = 0;
               std::int64_t last = 0;
               return __builtin_mul_overflow(sum.hour, kHour, &first) ||
                      __builtin_add_overflow(first, kHour - 1, &last) ||
                      timeline_.shared_bucket(first, last) == Timeline::kCut;
           });
}

void Planner::add_sums(const ScanInput& input) {
    const auto source = input.segment.source();
    for (const auto& sum : *input.sums) {
        const bool matches = std::ranges::all_of(question_.conditions, [&](const auto& condition) {
            const auto* text = std::get_if<std::string>(&condition.value);
            return text != nullptr && *text == *text_of(sum, source, condition.column);
        });
        PlannedSum planned{.values = {},
                           .bucket = timeline_.bucket_of(sum.hour * kHour),
                           .figures = {.count = sum.events}};
        if (!matches || planned.bucket == Timeline::kOutside) continue;
        if (question_.figure == Figure::revenue) planned.figures = {sum.orders, sum.cents};
        for (const auto& key : question_.keys) {
            planned.values.push_back(texts_.id_of(*text_of(sum, source, key.column)));
        }
        sums_.push_back(std::move(planned));
    }
}

std::optional<Plan> Planner::plan(const Segment& segment) {
    Plan plan;
    plan.segment = &segment;
    plan.sign = segment.find(Column::sign);
    plan.bucket = timeline_.shared_bucket(segment.first_time(), segment.last_time());
    if (plan.bucket == Timeline::kOutside) return std::nullopt;
    if (question_.figure == Figure::revenue) {
        plan.revenue = segment.find(Column::revenue);
        if (plan.revenue == nullptr) return std::nullopt;
        plan.tests.push_back({plan.revenue, {1, plan.revenue->greatest}});
    }
    for (const auto& condition : question_.conditions) {
        if (condition.column == Column::source) {
            if (!is_source(condition, segment.source())) return std::nullopt;
            continue;
        }
        const auto* column = segment.find(condition.column);
        if (column == nullptr) return std::nullopt;
        const auto codes = codes_of(*column, condition);
        if (codes.last < codes.first) return std::nullopt;
        plan.tests.push_back({column, codes});
    }
    if (plan.bucket == Timeline::kCut) {
        plan.minutes = timeline_.minutes_of(*segment.find(Column::minute));
    }
    for (const auto& key : question_.keys) plan.keys.push_back(plan_key(key, plan));
    return plan;
}

PlannedKey Planner::plan_key(const Key& key, const Plan& plan) {
    PlannedKey planned{.column = plan.segment->find(key.column), .starts = {}, .values = {0}};
    if (key.column == Column::source)
        planned.values = {texts_.id_of(to_string(plan.segment->source()))};
    if (planned.column == nullptr) return planned;
    const auto& column = *planned.column;
    if (!column.is_text) {
        if (key.groups.empty()) planned.column = nullptr;
        for (const auto& group : key.groups) {
            planned.values.push_back(texts_.id_of(group.name));
            if (&group == key.groups.data()) continue;
            planned.starts.push_back(
                column.codes_of(group.first, std::numeric_limits<std::int64_t>::max()).first);
        }
        return planned;
    }
    // Where a condition leaves but some of the texts, the others need no number.
    CodeRange used{1, column.dictionary.size()};
    for (const auto& test : plan.tests) {
        if (test.column == &column) used = test.codes;
    }
    planned.values.resize(column.dictionary.size() + 1);
    for (auto code = used.first; code <= used.last; ++code) {
        planned.values[code] = texts_.id_of(column.dictionary[code]);
    }
    return planned;
}

}  // namespace events::segments
