#include "common/segments/merge.hpp"

#include "common/segments/partition_point.hpp"
#include "common/segments/rows.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <stdexcept>
#include <utility>

namespace events::segments {
namespace {

/// Rows that are sorted at a time: they stay in a processor's cache.
constexpr std::size_t kRowsPerRange = 4'096;
constexpr std::size_t kTextBytesPerPart = std::size_t{64} << 20;
constexpr std::uint32_t kNoId = 0xffff'ffff;

/// What rows are merged by: rows of the same position are taken at the same time.
struct Position {
    UserKey user;
    std::int64_t time = 0;

    friend auto operator<=>(const Position&, const Position&) = default;
};

/// An input, from the first row that is not taken yet.
class Input {
  public:
    Input(MergeInput input, const TimeRange& window, std::size_t columns)
        : next_{std::move(input.next)}, window_{input.window & window}, ids_(columns) {}

    [[nodiscard]] std::size_t left() const { return part_ ? part_->rows() - row_ : 0; }
    [[nodiscard]] Position position(std::size_t row) const {
        std::int64_t time = 0;
        part_->read_times(row, {&time, 1});
        return {part_->user(row), time};
    }
    /// That of the row `ahead` rows further, or of the part's last one.
    [[nodiscard]] Position ahead(std::size_t ahead) const {
        return position(row_ + std::min(ahead, left() - 1));
    }

    /// Makes sure that there is a row, if the input has any left. A part that is done is kept by
    /// `done`, since texts of it are in use.
    void load(Source source, std::vector<Segment>& done) {
        while (next_ && left() == 0) {
            if (part_) done.push_back(*std::move(part_));
            part_ = next_();
            row_ = 0;
            if (!part_) next_ = nullptr;
            if (part_ && part_->source() != source) {
                throw std::invalid_argument{"segments of two sources are not merged"};
            }
            forget_ids();
        }
    }

    /// The numbers that its texts have got hold no longer.
    void forget_ids() {
        const auto columns = part_ ? columns_of(part_->source()) : std::span<const ColumnInfo>{};
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const auto* column = part_->find(columns[i].column);
            ids_[i].assign(column != nullptr ? column->dictionary.size() + 1 : 1, kNoId);
            ids_[i][0] = 0;
        }
    }

    /// Adds this part's rows up to that position to `rows`.
    void take(const Position& last, Rows& rows, Texts& texts) {
        const auto end = end_of(last);
        const auto first = rows.size();
        rows.times.resize(first + end - row_);
        part_->read_times(row_, std::span{rows.times}.subspan(first));
        for (auto row = row_; row < end; ++row) rows.users.push_back(part_->user(row));
        add_signs(end, rows.signs);
        leave_out(rows, first);
        const auto columns = columns_of(rows.source);
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const auto* column = part_->find(columns[i].column);
            if (columns[i].text != nullptr) {
                add_texts(column, end, rows.columns[i].ids, ids_[i], texts[i]);
            } else {
                add_numbers(column, end, rows.columns[i].numbers);
            }
        }
        row_ = end;
    }

  private:
    /// Behind the rows up to that position: in growing steps, since it is rarely far away.
    [[nodiscard]] std::size_t end_of(const Position& last) const {
        std::size_t step = 1;
        auto begin = row_;
        while (begin + step < part_->rows() && !is_behind(begin + step, last)) {
            begin += step;
            step *= 2;
        }
        return partition_point(begin, std::min(begin + step, part_->rows()),
                               [&](auto row) { return !is_behind(row, last); });
    }

    /// Rows outside the window get a sign of 0, which sorted() leaves out.
    void leave_out(Rows& rows, std::size_t first) const {
        if (window_.covers(part_->times())) return;
        for (auto row = first; row < rows.size(); ++row) {
            if (!window_.has(rows.times[row])) rows.signs[row] = 0;
        }
    }

    [[nodiscard]] bool is_behind(std::size_t row, const Position& last) const {
        const auto user = part_->user(row);
        return user != last.user ? user > last.user : position(row).time > last.time;
    }

    void add_signs(std::size_t end, std::vector<std::int8_t>& signs) {
        const auto* column = part_->find(Column::sign);
        const auto first = signs.size();
        signs.resize(first + end - row_, 1);
        for (auto row = row_; column != nullptr && row < end; ++row) {
            signs[first + row - row_] =
                static_cast<std::int8_t>(column->number(column->at<std::uint8_t>(row)[0]));
        }
    }

    void add_numbers(const ColumnView* column, std::size_t end,
                     std::vector<std::int64_t>& numbers) {
        const auto first = numbers.size();
        numbers.resize(first + end - row_, format::kNull);
        if (column == nullptr) return;
        column->with_codes(row_, [&](const auto* codes) {
            for (std::size_t i = 0; i < end - row_; ++i) {
                if (codes[i] != 0) numbers[first + i] = column->number(codes[i]);
            }
        });
    }

    void add_texts(const ColumnView* column, std::size_t end, std::vector<std::uint32_t>& ids,
                   std::vector<std::uint32_t>& known, TextIds& texts) {
        const auto first = ids.size();
        ids.resize(first + end - row_, 0);
        if (column == nullptr) return;
        column->with_codes(row_, [&](const auto* codes) {
            for (std::size_t i = 0; i < end - row_; ++i) {
                auto& id = known[codes[i]];
                if (id == kNoId) id = texts.id_of(column->dictionary[codes[i]]);
                ids[first + i] = id;
            }
        });
    }

    NextPart next_;
    TimeRange window_;
    std::optional<Segment> part_;
    std::size_t row_ = 0;
    std::vector<std::vector<std::uint32_t>> ids_;  ///< by column and code: in the Texts
};

}  // namespace

class Merge::State {
  public:
    State(Source source, std::vector<MergeInput> inputs, const MergeOptions& options)
        : options_{options},
          texts_{make_texts(source, options.seed)},
          range_{source},
          part_{source} {
        for (auto& input : inputs) {
            inputs_.emplace_back(std::move(input), options.window, columns_of(source).size());
        }
        load();
    }

    std::optional<NewSegment> next() {
        while (!inputs_.empty() && !is_full()) add_range();
        if (part_.size() == 0) return std::nullopt;
        auto segment = write_segment(part_, texts_);
        share_.add(segment.shares.front());
        part_.clear();
        for (auto& texts : texts_) texts.clear();
        for (auto& input : inputs_) input.forget_ids();
        done_.clear();
        return segment;
    }

    [[nodiscard]] const Share& share() const noexcept { return share_; }

  private:
    void load() {
        for (auto& input : inputs_) input.load(part_.source, done_);
        std::erase_if(inputs_, [](const Input& input) { return input.left() == 0; });
    }

    [[nodiscard]] bool is_full() const {
        std::size_t bytes = 0;
        for (const auto& texts : texts_) bytes += texts.bytes();
        return part_.size() >= options_.rows_per_part || bytes >= kTextBytesPerPart;
    }

    /// The next rows of all inputs, at most about kRowsPerRange: each input gives its share, and
    /// none goes further than the part that it has at hand.
    void add_range() {
        const auto rows = std::min(kRowsPerRange, options_.rows_per_part);
        std::size_t left = 0;
        for (const auto& input : inputs_) left += input.left();
        const auto share = [&](const Input& input) {
            return input.ahead(std::max<std::size_t>(input.left() * rows / left, 1) - 1);
        };
        auto last = share(inputs_.front());
        for (const auto& input : inputs_) last = std::min(last, share(input));
        range_.clear();
        for (auto& input : inputs_) {
            // The next part of an input may begin with rows of this position.
            for (; input.left() > 0 && input.ahead(0) <= last; input.load(part_.source, done_)) {
                input.take(last, range_, texts_);
            }
        }
        part_.append(range_, sorted(range_, texts_));
        load();
    }

    MergeOptions options_;
    std::vector<Input> inputs_;  ///< those that have rows left
    std::vector<Segment> done_;
    Texts texts_;
    Rows range_;
    Rows part_;
    Share share_;
};

MergeInput input_of(Segment segment, TimeRange window) {
    return {.next = [left = std::optional{std::move(
                         segment)}]() mutable { return std::exchange(left, std::nullopt); },
            .window = window};
}

Merge::Merge(Source source, std::vector<MergeInput> inputs, const MergeOptions& options)
    : state_{std::make_unique<State>(source, std::move(inputs), options)} {}

Merge::~Merge() = default;

std::optional<NewSegment> Merge::next() {
    return state_->next();
}

const Share& Merge::share() const noexcept {
    return state_->share();
}

}  // namespace events::segments
