#include "common/segments/crc32c.hpp"
#include "common/segments/segment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace events::segments {

using format::ColumnEntry;

namespace {

/// Stays within decode().
struct Broken : std::runtime_error {
    using std::runtime_error::runtime_error;
};

void require(bool holds, const char* what) {
    if (!holds) throw Broken{what};
}

/// Takes a column's bytes from the front; nothing that it counts can overflow.
class Bytes {
  public:
    explicit Bytes(std::span<const std::byte> bytes) : bytes_{bytes}, whole_{bytes.size()} {}

    template <typename T>
    std::span<const T> take(std::uint64_t count) {
        require(count <= bytes_.size() / sizeof(T), "a column is shorter than its values");
        const auto* first = reinterpret_cast<const T*>(bytes_.data());  // NOLINT: aligned
        bytes_ = bytes_.subspan(count * sizeof(T));
        return {first, static_cast<std::size_t>(count)};
    }
    void align() {
        const auto taken = whole_ - bytes_.size();
        take<std::byte>(format::aligned(taken) - taken);
    }

    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }

  private:
    std::span<const std::byte> bytes_;
    std::size_t whole_;
};

}  // namespace

/// Fills a segment from its bytes; throws Broken.
class Decoder {
  public:
    explicit Decoder(Segment& segment)
        : segment_{segment}, bytes_{segment.blob_.data.get(), segment.blob_.size} {}

    void decode() {
        const auto entries = read_header();
        auto end = sizeof(format::Header) + entries.size_bytes();
        for (const auto& entry : entries) {
            skip_padding(end);
            require(entry.offset == end && entry.length <= bytes_.size() - end,
                    "a column has a wrong place");
            end += entry.length;
            const auto column = bytes_.subspan(entry.offset, entry.length);
            require(crc32c(column) == entry.crc, "a column's checksum is wrong");
            read_column(entry, column);
        }
        skip_padding(end);
        require(end == bytes_.size(), "it is longer than its columns");
        require(segment_.high_ != nullptr, "it has no users");
        check_users();
        check_times();
        if (const auto* sign = segment_.find(Column::sign)) check_signs(*sign);
    }

  private:
    std::span<const ColumnEntry> read_header() {
        auto& header = segment_.header_;
        require(bytes_.size() >= sizeof header, "it is shorter than a header");
        std::memcpy(&header, bytes_.data(), sizeof header);
        require(header.magic == format::kMagic, "it has another format");
        require(header.size == bytes_.size(), "it has another length than it says");
        Bytes rest{bytes_.subspan(sizeof header)};
        const auto entries = rest.take<ColumnEntry>(header.columns);
        const auto front = sizeof header + entries.size_bytes();
        const auto from = offsetof(format::Header, columns);
        require(crc32c(bytes_.first(front).subspan(from)) == header.crc,
                "its directory's checksum is wrong");
        require(
            header.rows >= 1 && header.rows <= format::kMaxRows && header.uuid_rows <= header.rows,
            "it has a wrong number of rows");
        require(header.source < kSources.size(), "its source is unknown");
        return entries;
    }

    void skip_padding(std::size_t& end) const {
        for (; end != format::aligned(end); ++end) {
            require(end < bytes_.size() && bytes_[end] == std::byte{0}, "its padding is not zero");
        }
    }

    void read_column(const ColumnEntry& entry, std::span<const std::byte> bytes) {
        const auto column = static_cast<Column>(entry.id);
        const auto rows = segment_.rows();
        if (column == Column::user) {
            require(segment_.high_ == nullptr, "a column is there twice");
            require(bytes.size() == rows * 16, "the users have a wrong length");
            segment_.high_ = Bytes{bytes}.take<std::uint64_t>(rows).data();
            return;
        }
        if (!is_known(column)) return;
        require(segment_.find(column) == nullptr, "a column is there twice");
        ColumnView view;
        view.column = column;
        view.is_text = is_text(column);
        view.base = entry.base;
        Bytes rest{bytes};
        if (entry.width == 1) take_codes<std::uint8_t>(rest, view);
        if (entry.width == 2) take_codes<std::uint16_t>(rest, view);
        if (entry.width == 4) take_codes<std::uint32_t>(rest, view);
        if (entry.width == 8) take_codes<std::uint64_t>(rest, view);
        require(view.width != 0, "a column has a wrong width");
        rest.align();
        if (view.is_text) read_dictionary(entry, rest, view.dictionary);
        require(rest.size() == 0, "a column is longer than its values");
        const auto room = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) -
                          static_cast<std::uint64_t>(view.base);
        require(view.is_text ? view.greatest <= view.dictionary.size()
                             : view.base != format::kNull &&
                                   (view.greatest == 0 || view.greatest - 1 <= room),
                "a column has a code without a value");
        segment_.columns_.push_back(view);
    }

    [[nodiscard]] bool is_known(Column column) const {
        const auto columns = columns_of(segment_.source());
        return column == Column::minute || column == Column::microsecond ||
               column == Column::sign ||
               std::ranges::find(columns, column, &ColumnInfo::column) != columns.end();
    }

    template <typename Code>
    void take_codes(Bytes& bytes, ColumnView& view) {
        const auto codes = bytes.take<Code>(segment_.rows());
        view.codes = std::as_bytes(codes).data();
        view.width = sizeof(Code);
        Code least = std::numeric_limits<Code>::max();
        Code greatest = 0;
        for (const auto code : codes) {
            least = std::min(least, code);
            greatest = std::max(greatest, code);
        }
        view.has_nulls = least == 0;
        view.greatest = greatest;
    }

    static void read_dictionary(const ColumnEntry& entry, Bytes& bytes, Dictionary& dictionary) {
        require(entry.texts <= format::kMaxRows, "a dictionary is too long");
        dictionary.offsets = bytes.take<std::uint32_t>(entry.texts + 1);
        require(dictionary.offsets.front() == 0 && std::ranges::is_sorted(dictionary.offsets) &&
                    dictionary.offsets.back() == bytes.size(),
                "a dictionary has wrong offsets");
        dictionary.texts = bytes.take<char>(dictionary.offsets.back()).data();
        for (std::uint64_t code = 2; code <= dictionary.size(); ++code) {
            require(dictionary[code - 1] < dictionary[code], "a dictionary is not sorted");
        }
    }

    void check_users() const {
        const auto check = [&](std::size_t begin, std::size_t end) {
            const auto* high = segment_.high();
            const auto* low = segment_.low();
            bool is_sorted = true;
            for (auto row = begin + 1; row < end; ++row) {
                is_sorted &= high[row - 1] < high[row] ||
                             (high[row - 1] == high[row] && low[row - 1] <= low[row]);
            }
            require(is_sorted, "its users are not sorted");
        };
        check(0, segment_.uuid_rows());
        check(segment_.uuid_rows(), segment_.rows());
    }

    void check_times() const {
        constexpr auto kMinute = format::kMicrosecondsPerMinute;
        constexpr auto kFirst = std::numeric_limits<std::int64_t>::min() / kMinute - 1;
        constexpr auto kLast = std::numeric_limits<std::int64_t>::max() / kMinute;
        const auto check = [&](Column column, std::int64_t first, std::int64_t last) {
            const auto* view = segment_.find(column);
            require(view != nullptr && !view->has_nulls && view->base >= first &&
                        view->number(view->greatest) <= last,
                    "it has a wrong time");
        };
        check(Column::minute, kFirst, kLast);
        check(Column::microsecond, 0, kMinute - 1);
        auto first = std::numeric_limits<std::int64_t>::max();
        auto last = std::numeric_limits<std::int64_t>::min();
        std::array<std::int64_t, 1024> times{};
        auto before = last;  // the time of the row before
        for (std::size_t row = 0; row < segment_.rows(); row += times.size()) {
            const auto count = std::min(times.size(), segment_.rows() - row);
            segment_.read_times(row, times);
            const auto [least, greatest] = std::ranges::minmax(std::span{times}.first(count));
            first = std::min(first, least);
            last = std::max(last, greatest);
            for (std::size_t i = 0; i < count; ++i) {
                require(times[i] >= before || row + i == 0 ||
                            segment_.user(row + i - 1) != segment_.user(row + i),
                        "a user's events are not sorted");
                before = times[i];
            }
        }
        require(first == segment_.first_time() && last == segment_.last_time(),
                "its times are others than it says");
    }

    void check_signs(const ColumnView& sign) const {
        require(!sign.has_nulls && sign.width == 1, "its signs are no column of signs");
        for (std::size_t i = 0; i < segment_.rows(); ++i) {
            const auto number = sign.number(sign.at<std::uint8_t>(0)[i]);
            require(number == 1 || number == -1, "it has a wrong sign");
        }
    }

    Segment& segment_;
    std::span<const std::byte> bytes_;
};

Expected<Segment, std::string> Segment::decode(Blob blob) {
    Segment segment;
    segment.blob_ = std::move(blob);
    const auto address = reinterpret_cast<std::uintptr_t>(segment.blob_.data.get());  // NOLINT
    if (address % format::kAlignment != 0) {
        const auto* first = segment.blob_.data.get();
        segment.blob_ = blob_of({first, first + segment.blob_.size});
    }
    try {
        Decoder{segment}.decode();
    } catch (const Broken& broken) {
        return Unexpected<std::string>{fmt::format("not a segment: {}", broken.what())};
    }
    return segment;
}

}  // namespace events::segments
