#include "reporter/computation.hpp"

#include "common/segments/format.hpp"
#include "reporter/kept_from.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
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

/// Leaves `count` buckets from the one at `first` on.
void cut(Report& report, std::ptrdiff_t first, std::ptrdiff_t count) {
    const auto cut_list = [&](auto& list) {
        list.erase(list.begin() + first + count, list.end());
        list.erase(list.begin(), list.begin() + first);
    };
    cut_list(*report.times);
    for (auto& group : report.answer.groups) cut_list(group.series);
    cut_list(report.answer.series);
}

/// Leaves out the first buckets, though events that count are in them, and says so.
void keep_newest(Report& report, std::size_t left_out) {
    cut(report, static_cast<std::ptrdiff_t>(left_out),
        static_cast<std::ptrdiff_t>(report.times->size() - left_out));
    if (!report.times->empty()) report.series_from = report.times->front();
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
/// that would be too long a series the events that count are looked for. Where these make one that
/// is too long, too, and `from` does not ask for it, all that is older goes into one bucket more.
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
    has_older_ = surely_more_than(kMaxBuckets + kSlack, *span, *query_.interval);
    too_many_buckets_ = has_older_ && query_.from;
    if (too_many_buckets_) return;
    if (has_older_) span->first = span->last - length_of(kMaxBuckets, *query_.interval);
    buckets_ = reporter::read_buckets(query_, *span, transaction);
    if (has_older_) {
        buckets_->starts.insert(buckets_->starts.begin(), TimeRange{}.first);
        buckets_->times.insert(buckets_->times.begin(), "");
    }
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
    const auto groups = std::max<std::size_t>(report.answer.groups.size(), 1);
    const auto count = report.times->size();
    const auto most = std::min(kMaxBuckets, kMaxCells / groups);
    if (count > most && query_.from) {
        if (count > kMaxBuckets) return Unexpected<BadParameter>{too_many_buckets()};
        return Unexpected<BadParameter>{BadParameter{
            "interval", fmt::format("gives more than {} buckets of groups in this range: ask for "
                                    "a longer one, or a smaller limit",
                                    kMaxCells)}};
    }
    if (count > most) keep_newest(report, count - most);
    return report;
}

/// Without `from` (`to`), the first (last) bucket is that of an event that counts.
void Computation::trim(Report& report) const {
    const auto is_empty = [](const segments::Figures& figures) { return figures.count == 0; };
    const auto& series = report.answer.series;
    auto last = series.end();
    if (!query_.to) {
        while (last != series.begin() && is_empty(*(last - 1))) --last;
    }
    cut(report, 0, last - series.begin());
    if (has_older_ && !series.empty() && !is_empty(series.front())) {
        keep_newest(report, 1);
    } else if (!query_.from) {
        const auto first = std::ranges::find_if_not(series, is_empty);
        cut(report, first - series.begin(), series.end() - first);
    }
}

segments::ScanOptions Computation::options(std::size_t threads) const {
    return {.threads = threads, .seed = snapshots_.seed(), .stop = stop_};
}

}  // namespace events::reporter
