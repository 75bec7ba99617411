#include "common/segments/format.hpp"
#include "common/segments/rows.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace events::segments {
namespace {

/// Brings the kinds in their order, and leaves one sum of each hour and kind.
void normalise(Sums& sums) {
    std::map<EventKind, std::uint32_t> places;
    for (const auto& kind : sums.kinds) places.emplace(kind, 0);
    std::vector<EventKind> kinds;
    for (auto& [kind, place] : places) {
        place = static_cast<std::uint32_t>(kinds.size());
        kinds.push_back(kind);
    }
    for (auto& sum : sums.hours) sum.kind = places[sums.kinds[sum.kind]];
    sums.kinds = std::move(kinds);
    std::ranges::sort(sums.hours, {}, [](const auto& sum) { return std::tie(sum.hour, sum.kind); });
    std::vector<HourSum> hours;
    for (const auto& sum : sums.hours) {
        if (hours.empty() || hours.back().hour != sum.hour || hours.back().kind != sum.kind) {
            hours.push_back({.hour = sum.hour, .kind = sum.kind});
        }
        hours.back().events += sum.events;
        hours.back().orders += sum.orders;
        hours.back().cents += sum.cents;
    }
    sums.hours = std::move(hours);
}

/// Sums the rows of one span.
class Summing {
  public:
    Summing(const Rows& rows, const Texts& texts) : rows_{rows}, texts_{texts} {}

    void add(std::size_t row) {
        const auto time = rows_.times[row];
        const auto sign = rows_.signs[row];
        share_.times.first = std::min(share_.times.first, time);
        share_.times.last = std::max(share_.times.last, time);
        share_.rows += 1;
        share_.is_signed |= sign < 0;
        auto& by_kind = sums_of(format::floor_div(time, format::kMicrosecondsPerHour));
        const auto kind =
            kinds_.id_of({rows_.columns[kStage].ids[row], rows_.columns[kType].ids[row]});
        if (kind >= by_kind.size()) by_kind.resize(kind + 1);
        auto& sum = by_kind[kind];
        sum.events += sign;
        const auto cents = rows_.columns.back().numbers[row];
        if (cents == format::kNull) return;
        sum.orders += sign;
        sum.cents += Cents128{cents} * sign;
    }

    [[nodiscard]] Share share() {
        const auto text = [&](std::size_t column, std::uint32_t id) {
            return id == 0 ? std::string_view{} : texts_[column][id];
        };
        for (std::uint32_t kind = 0; kind < kinds_.size(); ++kind) {
            const auto [stage, type] = kinds_[kind];
            share_.sums.kinds.push_back(
                {std::string{text(kStage, stage)}, std::string{text(kType, type)}});
        }
        for (auto& [hour, by_kind] : sums_) {
            for (std::uint32_t kind = 0; kind < by_kind.size(); ++kind) {
                auto& sum = by_kind[kind];
                sum.hour = hour;
                sum.kind = kind;
                if (sum.events != 0 || sum.orders != 0 || sum.cents != 0) {
                    share_.sums.hours.push_back(sum);
                }
            }
        }
        normalise(share_.sums);
        return std::move(share_);
    }

  private:
    static constexpr std::size_t kStage = 0;
    static constexpr std::size_t kType = 1;
    static constexpr std::size_t kHours = 64;
    using ByKind = std::vector<HourSum>;

    ByKind& sums_of(std::int64_t hour) {
        auto& [last, sums] = hours_[static_cast<std::uint64_t>(hour) % kHours];
        if (sums == nullptr || last != hour) {
            last = hour;
            sums = &sums_[hour];
        }
        return *sums;
    }

    const Rows& rows_;
    const Texts& texts_;
    Share share_{.times = {TimeRange{}.last, TimeRange{}.first}, .sums = {}};
    PairIds kinds_{texts_.front().seed()};  ///< stage and type
    std::map<std::int64_t, ByKind> sums_;
    std::array<std::pair<std::int64_t, ByKind*>, kHours> hours_{};  ///< some of sums_
};

}  // namespace

std::uint32_t Sums::kind_of(std::string_view funnel_stage, std::string_view event_type) {
    const auto found = std::ranges::find_if(kinds, [&](const EventKind& kind) {
        return kind.event_type == event_type && kind.funnel_stage == funnel_stage;
    });
    const auto place = static_cast<std::uint32_t>(found - kinds.begin());
    if (found == kinds.end()) {
        kinds.push_back({std::string{funnel_stage}, std::string{event_type}});
    }
    return place;
}

void Sums::add(const Sums& other) {
    for (auto sum : other.hours) {
        const auto& kind = other.kinds[sum.kind];
        sum.kind = kind_of(kind.funnel_stage, kind.event_type);
        hours.push_back(sum);
    }
    normalise(*this);
}

void Share::add(const Share& other) {
    times = rows == 0 ? other.times
                      : TimeRange{std::min(times.first, other.times.first),
                                  std::max(times.last, other.times.last)};
    rows += other.rows;
    is_signed |= other.is_signed;
    sums.add(other.sums);
}

std::vector<Share> shares_of(const Rows& rows, const Texts& texts,
                             std::span<const std::int64_t> spans) {
    std::vector<std::optional<Summing>> by_span(std::max<std::size_t>(spans.size(), 1));
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const auto behind = std::ranges::upper_bound(spans, rows.times[row]) - spans.begin();
        auto& span = by_span[static_cast<std::size_t>(std::max<std::ptrdiff_t>(behind, 1) - 1)];
        if (!span) span.emplace(rows, texts);
        span->add(row);
    }
    std::vector<Share> shares;
    for (auto& span : by_span) {
        if (span) shares.push_back(span->share());
    }
    return shares;
}

}  // namespace events::segments
