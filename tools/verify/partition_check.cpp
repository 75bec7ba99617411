#include "verify/partition_check.hpp"

#include "common/segments/encode.hpp"
#include "common/segments/merge.hpp"
#include "common/segments/segment.hpp"
#include "verify/balance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace events::verify {
namespace {

using postgres::PartitionState;
using postgres::StoredSegment;
using segments::Record;
using segments::Segment;
using segments::TimeRange;

constexpr std::int64_t kMinute = 60'000'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::size_t kRowsPerBatch = 32'768;
constexpr std::size_t kExamples = 10;
/// The spans that differ are read once more in ranges of about so many rows, and no more ranges.
constexpr std::int64_t kRowsPerRange = 2'000'000;
constexpr int kMostRanges = 32;

/// Minutes of a day; of a partition that may hold millennia, hours.
std::int64_t span_width(const PartitionState& partition) {
    const bool is_short = partition.until / kHour - partition.first / kHour <= 48;
    return is_short ? kMinute : kHour;
}

using SumsByHour = std::map<std::tuple<std::int64_t, std::string, std::string>,
                            std::tuple<std::int64_t, std::int64_t, segments::Cents128>>;

SumsByHour by_hour(const segments::Sums& sums) {
    SumsByHour result;
    for (const auto& [hour, kind, events, orders, cents] : sums.hours) {
        const auto& [stage, type] = sums.kinds[kind];
        auto& [all_events, all_orders, all_cents] = result[{hour, stage, type}];
        all_events += events;
        all_orders += orders;
        all_cents += cents;
    }
    std::erase_if(result, [](const auto& sum) { return sum.second == SumsByHour::mapped_type{}; });
    return result;
}

class PartitionCheck {
  public:
    PartitionCheck(pqxx::transaction_base& transaction, const PartitionState& partition,
                   const segments::Seed& seed)
        : transaction_{transaction},
          seed_{seed},
          balance_{partition.source, span_width(partition), seed},
          outcome_{.partition = partition} {
        outcome_.name =
            transaction.exec(fmt::format("SELECT {}::oid::regclass", partition.partition))[0][0]
                .c_str();
    }

    Outcome run() {
        if (!outcome_.partition.is_built) return std::move(outcome_);
        list_segments();
        for (const auto& segment : segments_) check_segment(segment);
        read_changes([&](std::span<const Record> changes) {
            for (const auto& change : changes) balance_.add_change(change);
            outcome_.changes += std::ssize(changes);
        });
        read_rows(TimeRange{}, [&](std::span<const Record> rows) {
            for (const auto& row : rows) balance_.add_row(row);
        });
        outcome_.rows = balance_.rows();
        count_differences();
        return std::move(outcome_);
    }

  private:
    void list_segments() {
        std::vector<std::int64_t> ids;
        for (const auto& listed :
             postgres::list_segments(transaction_, std::span{&outcome_.partition, 1})) {
            ids.push_back(listed.id);
        }
        segments_ = postgres::read_segments(transaction_, ids);
        outcome_.segments = segments_.size();
    }

    /// Nothing where it can't be read: the outcome tells it, at the first time.
    std::optional<Segment> read_part(const StoredSegment& stored, int part) {
        auto bytes = postgres::read_part(transaction_, stored.blob, part);
        auto segment = Segment::decode(segments::blob_of(std::move(bytes)));
        if (segment && segment->source() == stored.source) return std::move(*segment);
        complain(stored, fmt::format("segment {}, part {}: {}", stored.id, part,
                                     segment ? "it is of another source" : segment.error()));
        return std::nullopt;
    }

    segments::MergeInput input(const StoredSegment& stored, bool is_weighed) {
        const auto window = stored.share.times;
        return {[this, &stored, window, is_weighed, part = 0]() mutable -> std::optional<Segment> {
                    std::optional<Segment> segment;
                    while (part < stored.parts && !segment) segment = read_part(stored, part++);
                    if (segment && is_weighed) balance_.add_segment(*segment, window);
                    return segment;
                },
                window};
    }

    /// Weighs its events, and holds what the catalogue tells of them against them.
    void check_segment(const StoredSegment& stored) {
        const auto before = outcome_.damages.size();
        std::vector<segments::MergeInput> inputs;
        inputs.push_back(input(stored, true));
        segments::Merge merge{stored.source, std::move(inputs), {.seed = seed_}};
        while (merge.next()) {
        }
        const auto& share = merge.share();
        if (outcome_.damages.size() > before) return;
        if (share.rows != stored.share.rows || share.is_signed != stored.share.is_signed ||
            share.times != stored.share.times ||
            by_hour(share.sums) != by_hour(stored.share.sums)) {
            complain(stored,
                     fmt::format("segment {}: its counts, times or sums are not those of its "
                                 "events",
                                 stored.id));
        }
    }

    void complain(const StoredSegment& stored, std::string sentence) {
        if (outcome_.damages.empty()) outcome_.first_difference = stored.share.times.first;
        auto& damages = outcome_.damages;
        if (std::ranges::find(damages, sentence) == damages.end()) {
            damages.push_back(std::move(sentence));
        }
    }

    using Use = std::function<void(std::span<const Record>)>;

    void read_changes(const Use& use) {
        postgres::read_changes(transaction_, outcome_.partition, kRowsPerBatch, use);
    }

    void read_rows(const TimeRange& range, const Use& use) {
        postgres::read_rows(transaction_, outcome_.partition, range.first, range.last,
                            kRowsPerBatch, use);
    }

    void count_differences() {
        const auto spans = balance_.spans();
        const auto differs = [](const Span& span) { return !span.is_even(); };
        auto next = std::ranges::find_if(spans, differs);
        if (next == spans.end()) return;
        outcome_.first_difference = next->first;
        for (int ranges = 0; next != spans.end() && ranges < kMostRanges; ++ranges) {
            const auto first = next->first;
            auto last = first;
            for (std::int64_t rows = 0; next != spans.end() && rows < kRowsPerRange; ++next) {
                if (differs(*next)) last = next->first;
                rows += std::max(next->rows, next->events);
            }
            count_differences({first, last + balance_.width() - 1});
            next = std::find_if(next, spans.end(), differs);
        }
        outcome_.are_all_counted = next == spans.end();
    }

    /// Merges all that the segments have of the range with its rows taken back: what is left is the
    /// difference.
    void count_differences(const TimeRange& range) {
        std::vector<segments::MergeInput> inputs;
        for (const auto& stored : segments_) {
            if (!(stored.share.times & range).is_empty()) inputs.push_back(input(stored, false));
        }
        add_changes(range, inputs);
        add_rows(range, inputs);
        segments::Merge merge{
            outcome_.partition.source, std::move(inputs), {.window = range, .seed = seed_}};
        while (auto part = merge.next()) {
            const auto left = Segment::decode(segments::blob_of(std::move(part->bytes)));
            if (left) add_differences(*left);
        }
    }

    void add_changes(const TimeRange& range, std::vector<segments::MergeInput>& inputs) {
        read_changes([&](std::span<const Record> changes) { add_encoded(changes, range, inputs); });
    }

    void add_rows(const TimeRange& range, std::vector<segments::MergeInput>& inputs) {
        std::vector<Record> taken_back;
        read_rows(range, [&](std::span<const Record> rows) {
            taken_back.assign(rows.begin(), rows.end());
            for (auto& row : taken_back) row.taken_back = true;
            add_encoded(taken_back, range, inputs);
        });
    }

    void add_encoded(std::span<const Record> records, const TimeRange& range,
                     std::vector<segments::MergeInput>& inputs) {
        auto encoded = segments::encode(outcome_.partition.source, records, seed_);
        if (!encoded) return;
        auto segment = Segment::decode(segments::blob_of(std::move(encoded->bytes)));
        if (segment) inputs.push_back(segments::input_of(std::move(*segment), range));
    }

    void add_differences(const Segment& left) {
        const auto* signs = left.find(segments::Column::sign);
        const auto* types = left.find(segments::Column::event_type);
        std::vector<std::int64_t> times(left.rows());
        left.read_times(0, times);
        auto& examples = outcome_.examples;
        for (std::size_t row = 0; row < left.rows(); ++row) {
            const bool is_missing = signs != nullptr && number_at(*signs, row) < 0;
            ++(is_missing ? outcome_.missing : outcome_.too_many);
            examples.push_back({times[row], type_at(types, row), is_missing});
        }
        std::ranges::stable_sort(examples, {}, &Example::time);
        if (examples.size() > kExamples) examples.resize(kExamples);
    }

    static std::uint64_t code_at(const segments::ColumnView& column, std::size_t row) {
        std::uint64_t code = 0;
        column.with_codes(row, [&](const auto* codes) { code = *codes; });
        return code;
    }

    static std::int64_t number_at(const segments::ColumnView& column, std::size_t row) {
        return column.number(code_at(column, row));
    }

    /// Only a name that the source's events have: rows may hold any text.
    std::string_view type_at(const segments::ColumnView* types, std::size_t row) const {
        const auto code = types == nullptr ? 0 : code_at(*types, row);
        if (code == 0) return {};
        const auto* type = find_event_type(outcome_.partition.source, types->dictionary[code]);
        return type == nullptr ? std::string_view{} : type->name;
    }

    pqxx::transaction_base& transaction_;
    segments::Seed seed_;
    Balance balance_;
    Outcome outcome_;
    std::vector<StoredSegment> segments_;
};

}  // namespace

Outcome check_partition(pqxx::transaction_base& transaction, const PartitionState& partition,
                        const segments::Seed& seed) {
    return PartitionCheck{transaction, partition, seed}.run();
}

}  // namespace events::verify
