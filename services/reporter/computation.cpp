#include "reporter/computation.hpp"

#include "common/segments/format.hpp"
#include "reporter/kept_from.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

namespace events::reporter {
namespace {

using segments::TimeRange;

/// A partition that a report has to read may be dropped just now.
constexpr int kAttempts = 5;

/// Buckets beyond the limit that open ends may have before they are trimmed: an hour's each.
constexpr std::size_t kSlack = 120;

/// A series goes from `from`, or the first event that counts, to `to`, or the last.
std::optional<TimeRange> with_ends(std::optional<TimeRange> span, const Query& query,
                                   const segments::Question& question) {
    if (query.from && query.to) return TimeRange{question.from, question.to};
    if (span && query.from) span->first = question.from;
    if (span && query.to) span->last = question.to;
    if (span && span->is_empty()) return std::nullopt;
    return span;
}

/// Of all events of the runs, whether they count or not.
std::optional<TimeRange> times_of(std::span<const segments::ScanInput> runs) {
    TimeRange times{TimeRange{}.last, TimeRange{}.first};
    for (const auto& run : runs) {
        times = {std::min(times.first, run.info.times.first),
                 std::max(times.last, run.info.times.last)};
    }
    return times.is_empty() ? std::nullopt : std::optional{times};
}

}  // namespace

Computation::Computation(Query query, Snapshots& snapshots, std::stop_token stop)
    : query_{std::move(query)},
      snapshots_{snapshots},
      stop_{std::move(stop)},
      question_{question_of(query_)} {}

void Computation::read(postgres::Connection& connection) {
    for (int attempt = 1;; ++attempt) {
        try {
            question_.buckets.clear();
            connection.read([&](auto& transaction) {
                kept_from_ = read_kept_from(question_, transaction);
                SnapshotReader reader{snapshots_, question_, transaction, stop_};
                if (query_.interval) read_buckets(reader, transaction);
                if (!too_many_buckets_) reader.fetch(question_);
                snapshot_ = reader.take();
            });
            return;
        } catch (const postgres::PartitionGone& error) {
            if (attempt == kAttempts) throw postgres::Unavailable{error.what()};
        }
    }
}

bool Computation::is_big() const {
    const std::uint64_t most = question_.figure == segments::Figure::users ? 300'000 : 1'000'000;
    std::uint64_t rows = 0;
    for (const auto& run : snapshot_.runs) {
        if (segments::need_of(question_, run.info) == segments::Need::parts) rows += run.info.rows;
    }
    return rows > most;
}

/// An open end is first that of what there is, and trimmed once the events are counted; only where
/// that would be too long a series the events that count are looked for.
void Computation::read_buckets(SnapshotReader& reader, pqxx::transaction_base& transaction) {
    buckets_.emplace();
    auto span = with_ends(times_of(reader.runs()), query_, question_);
    if (!span) return;
    if (surely_more_than(kMaxBuckets, *span, *query_.interval)) {
        reader.fetch(question_);
        span = with_ends(segments::span_of(question_, reader.runs(),
                                           segments::format::kMicrosecondsPerHour, options(1)),
                         query_, question_);
        if (!span) return;
    }
    too_many_buckets_ = surely_more_than(kMaxBuckets + kSlack, *span, *query_.interval);
    if (too_many_buckets_) return;
    buckets_ = reporter::read_buckets(query_, *span, transaction);
    question_.buckets = buckets_->starts;
}

Expected<Report, BadParameter> Computation::count(std::size_t threads) {
    if (too_many_buckets_) return Unexpected<BadParameter>{too_many_buckets()};
    Report report{.category = query_.category, .keys = query_.group_by, .kept_from = kept_from_};
    try {
        report.answer = segments::scan(question_, snapshot_.runs, options(threads));
    } catch (const segments::TooManyGroups&) {
        return Unexpected<BadParameter>{BadParameter{
            "groupBy", fmt::format("gives more than {} groups: ask for a shorter range, with more "
                                   "filters or by fewer keys",
                                   question_.max_groups)}};
    }
    if (!buckets_) return report;
    report.times = buckets_->times;
    trim(report);
    if (report.times->size() > kMaxBuckets) return Unexpected<BadParameter>{too_many_buckets()};
    if (report.answer.groups.size() * report.times->size() > kMaxCells) {
        return Unexpected<BadParameter>{BadParameter{
            "interval", fmt::format("gives more than {} buckets of groups in this range: ask for "
                                    "a longer one, or a smaller limit",
                                    kMaxCells)}};
    }
    return report;
}

/// Without `from` (`to`), the first (last) bucket is that of an event that counts.
void Computation::trim(Report& report) const {
    const auto is_empty = [](const segments::Figures& figures) { return figures.count == 0; };
    const auto& series = report.answer.series;
    auto first = series.begin();
    auto last = series.end();
    if (!query_.from) first = std::find_if_not(first, last, is_empty);
    if (!query_.to) {
        while (last != first && is_empty(*(last - 1))) --last;
    }
    const auto skipped = first - series.begin();
    const auto count = last - first;
    const auto cut = [&](auto& list) {
        list.erase(list.begin() + skipped + count, list.end());
        list.erase(list.begin(), list.begin() + skipped);
    };
    cut(*report.times);
    for (auto& group : report.answer.groups) cut(group.series);
    cut(report.answer.series);
}

segments::ScanOptions Computation::options(std::size_t threads) const {
    return {.threads = threads, .seed = snapshots_.seed(), .stop = stop_};
}

}  // namespace events::reporter
