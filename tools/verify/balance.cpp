#include "verify/balance.hpp"

#include "common/segments/format.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace events::verify {
namespace {

using segments::Record;
using segments::format::floor_div;

constexpr auto kMostColumns = segments::kColumns.size();
constexpr std::size_t kBatch = 4'096;
/// Of a text or a number that is null; no text has it but by chance.
constexpr std::uint64_t kNull = 0x6e75'6c6c'6e75'6c6c;

/// An event as numbers: its user (3), its time, then a number for each of its columns.
struct Numbers {
    static constexpr std::size_t kFixed = 4;

    Numbers(const segments::UserKey& user, std::int64_t time)
        : all{user.hashed ? 1U : 0U, user.high, user.low, static_cast<std::uint64_t>(time)} {}

    void add_to(Span& span, const segments::Seed& seed, bool subtract) const {
        const auto sign = subtract ? ~std::uint64_t{0} : 1;
        const auto [low, high] = XXH3_128bits_withSeed(all.data(), sizeof all, seed.first);
        span.checksums += sign * low;
        span.more_checksums += sign * high;
    }

    std::array<std::uint64_t, kFixed + kMostColumns> all;
};

std::uint64_t number_of(std::string_view text, const segments::Seed& seed) {
    return XXH3_64bits_withSeed(text.data(), text.size(), seed.second);
}

Numbers numbers_of(Source source, const Record& record, const segments::Seed& seed) {
    Numbers numbers{segments::user_key(record.user_id),
                    record.occurred_at.time_since_epoch().count()};
    auto* next = numbers.all.data() + Numbers::kFixed;
    for (const auto& [column, text, number] : segments::columns_of(source)) {
        *next = kNull;
        if (text != nullptr && record.*text) *next = number_of(*(record.*text), seed);
        if (number != nullptr && record.*number) {
            *next = static_cast<std::uint64_t>(*(record.*number));
        }
        ++next;
    }
    return numbers;
}

/// Gives the numbers of a column's rows; each text of the dictionary is hashed once.
class ColumnReader {
  public:
    ColumnReader(const segments::ColumnView* view, const segments::Seed& seed) : view_{view} {
        if (view == nullptr || !view->is_text) return;
        texts_.push_back(kNull);
        for (std::uint64_t code = 1; code <= view->dictionary.size(); ++code) {
            texts_.push_back(number_of(view->dictionary[code], seed));
        }
    }

    void read(std::size_t begin, std::span<std::uint64_t> numbers) const {
        if (view_ == nullptr) {
            std::ranges::fill(numbers, kNull);
            return;
        }
        view_->with_codes(begin, [&](const auto* codes) {
            for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = value(codes[i]);
        });
    }

  private:
    [[nodiscard]] std::uint64_t value(std::uint64_t code) const {
        if (view_->is_text) return texts_[code];
        return code == 0 ? kNull : static_cast<std::uint64_t>(view_->number(code));
    }

    const segments::ColumnView* view_;
    std::vector<std::uint64_t> texts_;  ///< by code
};

}  // namespace

Span& Balance::span_of(std::int64_t time) {
    const auto place = floor_div(time, width_);
    if (latest_ == nullptr || latest_->first != place * width_) {
        latest_ = &spans_[place];
        latest_->first = place * width_;
    }
    return *latest_;
}

void Balance::add_row(const Record& row) {
    auto& span = span_of(row.occurred_at.time_since_epoch().count());
    ++span.rows;
    numbers_of(source_, row, seed_).add_to(span, seed_, true);
}

void Balance::add_change(const Record& change) {
    auto& span = span_of(change.occurred_at.time_since_epoch().count());
    span.events += change.taken_back ? -1 : 1;
    numbers_of(source_, change, seed_).add_to(span, seed_, change.taken_back);
}

void Balance::add_segment(const segments::Segment& segment, const segments::TimeRange& window) {
    std::vector<ColumnReader> columns;
    for (const auto& info : segments::columns_of(source_)) {
        columns.emplace_back(segment.find(info.column), seed_);
    }
    const ColumnReader signs{segment.find(segments::Column::sign), seed_};
    std::vector<std::int64_t> times(kBatch);
    std::vector<std::vector<std::uint64_t>> values(columns.size() + 1,
                                                   std::vector<std::uint64_t>(kBatch));
    for (std::size_t begin = 0; begin < segment.rows(); begin += kBatch) {
        const auto rows = std::min(kBatch, segment.rows() - begin);
        segment.read_times(begin, std::span{times}.first(rows));
        for (std::size_t i = 0; i < columns.size(); ++i) {
            columns[i].read(begin, std::span{values[i]}.first(rows));
        }
        signs.read(begin, std::span{values.back()}.first(rows));
        for (std::size_t row = 0; row < rows; ++row) {
            if (!window.has(times[row])) continue;
            Numbers numbers{segment.user(begin + row), times[row]};
            for (std::size_t i = 0; i < columns.size(); ++i) {
                numbers.all[Numbers::kFixed + i] = values[i][row];
            }
            const bool is_taken_back = values.back()[row] == ~std::uint64_t{0};  // -1
            auto& span = span_of(times[row]);
            span.events += is_taken_back ? -1 : 1;
            numbers.add_to(span, seed_, is_taken_back);
        }
    }
}

std::int64_t Balance::rows() const {
    std::int64_t rows = 0;
    for (const auto& [place, span] : spans_) rows += span.rows;
    return rows;
}

std::vector<Span> Balance::spans() const {
    std::vector<Span> spans;
    for (const auto& [place, span] : spans_) spans.push_back(span);
    std::ranges::sort(spans, {}, &Span::first);
    return spans;
}

}  // namespace events::verify
