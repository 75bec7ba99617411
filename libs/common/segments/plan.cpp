#include "common/segments/plan.hpp"

#include "common/segments/format.hpp"

#include <algorithm>
#include <stdexcept>

namespace events::segments {
namespace {

/// What the sums tell apart.
std::optional<std::string_view> text_of(const EventKind& kind, Source source, Column column) {
    switch (column) {
        case Column::source:
            return source.name();
        case Column::funnel_stage:
            return kind.funnel_stage;
        case Column::event_type:
            return kind.event_type;
        default:
            return std::nullopt;
    }
}

bool is_summed(Column column) {
    return column == Column::source || column == Column::funnel_stage ||
           column == Column::event_type;
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
    return text != nullptr && *text == source.name();
}

}  // namespace

Need need_of(const Question& question, const RunInfo& run) {
    const auto asked = run.times & TimeRange{question.from, question.to};
    const auto is_other = [&](const Condition& condition) {
        return condition.column == Column::source && !is_source(condition, run.source);
    };
    if (asked.is_empty() || std::ranges::any_of(question.conditions, is_other)) {
        return Need::nothing;
    }
    // Within an hour that has events of the run on both sides.
    const auto cuts = [&](std::int64_t time) {
        return time > run.times.first && time <= run.times.last &&
               time % format::kMicrosecondsPerHour != 0;
    };
    const auto& buckets = question.buckets;
    const auto second = buckets.empty() ? buckets.end() : buckets.begin() + 1;
    const auto first = std::upper_bound(second, buckets.end(), run.times.first);
    const auto last = std::upper_bound(first, buckets.end(), run.times.last);
    const bool by_sums = run.has_sums && question.figure != Figure::users &&
                         std::ranges::all_of(question.keys, is_summed, &Key::column) &&
                         std::ranges::all_of(question.conditions, is_summed, &Condition::column) &&
                         !cuts(question.from) &&
                         (question.to >= run.times.last || !cuts(question.to + 1)) &&
                         std::none_of(first, last, cuts);
    return by_sums ? Need::sums : Need::parts;
}

Planner::Planner(const Question& question, std::span<const ScanInput> runs,
                 const ScanOptions& options)
    : question_{question},
      options_{options},
      timeline_{question},
      values_(question.keys.size(), TextIds{options.seed}) {
    for (const auto& run : runs) {
        const auto need = need_of(question_, run.info);
        if (need == Need::sums) add_texts(run);
        if (need != Need::parts) continue;
        if (run.parts.empty()) throw std::invalid_argument{"a run lacks the parts that it needs"};
        for (const auto& part : run.parts) add_part(part, run.info.times);
    }
    number_groups();
}

bool Planner::matches(const EventKind& kind, Source source) const {
    return std::ranges::all_of(question_.conditions, [&](const auto& condition) {
        const auto* text = std::get_if<std::string>(&condition.value);
        return text != nullptr && *text == *text_of(kind, source, condition.column);
    });
}

void Planner::add_texts(const ScanInput& run) {
    sums_.push_back(&run);
    rows_ += run.sums->hours.size();
    for (const auto& kind : run.sums->kinds) {
        if (!matches(kind, run.info.source)) continue;
        for (std::size_t key = 0; key < values_.size(); ++key) {
            values_[key].id_of(*text_of(kind, run.info.source, question_.keys[key].column));
        }
    }
}

void Planner::for_each_sum(const UseSum& use) const {
    for (const auto* run : sums_) {
        const auto source = run->info.source;
        const auto& [from, to] = run->info.times;
        std::vector<std::optional<std::uint64_t>> groups;  // by kind
        for (const auto& kind : run->sums->kinds) {
            auto& group = groups.emplace_back();
            if (!matches(kind, source)) continue;
            group = 0;
            for (std::size_t key = 0; key < values_.size(); ++key) {
                const auto text = *text_of(kind, source, question_.keys[key].column);
                *group += strides_[key] * values_[key].find(text);
            }
        }
        auto bucket = Timeline::kOutside;
        std::optional<std::int64_t> hour;  // that bucket's
        for (const auto& sum : run->sums->hours) {
            if (!groups[sum.kind]) continue;
            if (sum.hour != hour) {
                // The first hour of all times is not whole.
                std::int64_t time = 0;
                if (__builtin_mul_overflow(sum.hour, format::kMicrosecondsPerHour, &time)) {
                    time = from;
                }
                hour = sum.hour;
                bucket = timeline_.bucket_of(std::clamp(time, from, to));
            }
            if (bucket == Timeline::kOutside) continue;
            const bool is_revenue = question_.figure == Figure::revenue;
            use(*groups[sum.kind], bucket,
                is_revenue ? Figures{sum.orders, sum.cents} : Figures{.count = sum.events});
        }
    }
}

void Planner::add_part(const Segment& part, const TimeRange& window) {
    const auto times = part.times() & window;
    if (times.is_empty()) return;
    Plan plan;
    plan.segment = &part;
    plan.window = window;
    plan.sign = part.find(Column::sign);
    plan.bucket = timeline_.shared_bucket(times);
    if (plan.bucket == Timeline::kOutside) return;
    if (times != part.times()) plan.bucket = Timeline::kCut;
    if (plan.bucket == Timeline::kCut) {
        plan.minutes = timeline_.minutes_of(*part.find(Column::minute), window);
    }
    if (question_.figure == Figure::revenue) {
        plan.revenue = part.find(Column::revenue);
        if (plan.revenue == nullptr) return;
        plan.tests.push_back({plan.revenue, {1, plan.revenue->greatest}});
    }
    for (const auto& condition : question_.conditions) {
        if (condition.column == Column::source) continue;  // need_of() looked at it
        const auto* column = part.find(condition.column);
        if (column == nullptr) return;
        const auto codes = codes_of(*column, condition);
        if (codes.last < codes.first) return;
        plan.tests.push_back({column, codes});
    }
    for (std::size_t key = 0; key < values_.size(); ++key) {
        plan.keys.push_back(plan_key(key, plan));
    }
    rows_ += part.rows();
    plans_.push_back(std::move(plan));
}

PlannedKey Planner::plan_key(std::size_t key, const Plan& plan) {
    constexpr std::uint64_t kFewNumbers = 1 << 12;
    const auto& [asked, groups] = question_.keys[key];
    PlannedKey planned{.column = plan.segment->find(asked), .starts = {}, .terms = {0}};
    if (asked == Column::source) {
        planned.terms = {values_[key].id_of(plan.segment->source().name())};
    }
    if (planned.column == nullptr) return planned;
    const auto& column = *planned.column;
    if (column.is_text) {
        number_texts(key, plan, planned);
        return planned;
    }
    if (groups.empty()) planned.column = nullptr;
    for (const auto& group : groups) {
        planned.terms.push_back(values_[key].id_of(group.name));
        if (&group == groups.data()) continue;
        planned.starts.push_back(
            column.codes_of(group.first, std::numeric_limits<std::int64_t>::max()).first);
    }
    if (groups.empty() || column.greatest > kFewNumbers) return planned;
    std::vector<std::uint64_t> by_code{0};
    for (std::uint64_t code = 1; code <= column.greatest; ++code) {
        by_code.push_back(planned.terms[static_cast<std::size_t>(
            1 + std::ranges::count_if(planned.starts, [&](auto start) { return code >= start; }))]);
    }
    planned.terms = std::move(by_code);
    planned.starts.clear();
    return planned;
}

/// The codes that rows of the plan have: where conditions leave but some of them, the others' texts
/// need no number.
std::vector<std::uint8_t> Planner::used_codes(const Plan& plan, const ColumnView& column) const {
    constexpr std::uint64_t kFewTexts = 1 << 12;
    const bool all_rows = plan.tests.empty() && plan.bucket != Timeline::kCut;
    std::vector<std::uint8_t> used(column.greatest + 1, 1);
    if (all_rows || column.greatest <= kFewTexts) return used;
    std::ranges::fill(used, 0);
    Selection rows;
    for (std::size_t begin = 0; begin < plan.segment->rows(); begin += Selection::kRows) {
        const auto end = std::min(begin + Selection::kRows, plan.segment->rows());
        rows.select(plan, timeline_, begin, end);
        column.with_codes(begin, [&](const auto* codes) {
            for (std::size_t i = 0; i < rows.size; ++i) used[codes[rows.rows[i]]] = 1;
        });
    }
    return used;
}

void Planner::number_texts(std::size_t key, const Plan& plan, PlannedKey& planned) {
    constexpr std::size_t kBatch = 64;
    const auto& column = *planned.column;
    const auto used = used_codes(plan, column);
    auto& values = values_[key];
    planned.terms.resize(column.greatest + 1);
    std::array<std::uint64_t, kBatch> hashes{};
    for (std::uint64_t first = 1; first <= column.greatest; first += kBatch) {
        const auto last = std::min(first + kBatch - 1, column.greatest);
        if (options_.stop.stop_requested()) throw Stopped{};
        for (auto code = first; code <= last; ++code) {
            if (used[code] != 0) hashes[code - first] = values.prefetch(column.dictionary[code]);
        }
        for (auto code = first; code <= last; ++code) {
            if (used[code] == 0) continue;
            planned.terms[code] = values.id_of(column.dictionary[code], hashes[code - first]);
        }
    }
    if (values.size() > question_.max_groups) throw TooManyGroups{};
}

void Planner::number_groups() {
    for (const auto& values : values_) {
        strides_.push_back(groups_);
        if (__builtin_mul_overflow(groups_, values.size() + 1, &groups_)) throw TooManyGroups{};
    }
    for (auto& plan : plans_) {
        for (std::size_t key = 0; key < values_.size(); ++key) {
            for (auto& term : plan.keys[key].terms) term *= strides_[key];
        }
        std::erase_if(plan.keys, [&](const PlannedKey& key) {
            if (key.column == nullptr) plan.group += key.terms[0];
            return key.column == nullptr;
        });
    }
}

std::vector<std::optional<std::string_view>> Planner::texts(std::uint64_t group) const {
    std::vector<std::optional<std::string_view>> texts;
    for (const auto& values : values_) {
        const auto value = static_cast<std::uint32_t>(group % (values.size() + 1));
        group /= values.size() + 1;
        texts.push_back(value == 0 ? std::nullopt : std::optional{values[value]});
    }
    return texts;
}

}  // namespace events::segments
