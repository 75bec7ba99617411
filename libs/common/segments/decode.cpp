#include "common/segments/crc32c.hpp"
#include "common/segments/format.hpp"
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
    Decoder(Segment& segment, Check check)
        : segment_{segment}, bytes_{segment.blob_.data.get(), segment.blob_.size}, check_{check} {}

    void decode() {
        const auto entries = read_header();
        auto end = sizeof(format::Header) + entries.size_bytes();
        for (const auto& entry : entries) {
            skip_padding(end);
            require(entry.offset == end && entry.length <= bytes_.size() - end,
                    "a column has a wrong place");
            end += entry.length;
            const auto column = bytes_.subspan(entry.offset, entry.length);
            require(check_ == Check::directory || crc32c(column) == entry.crc,
                    "a column's checksum is wrong");
            read_column(entry, column);
        }
        skip_padding(end);
        require(end == bytes_.size(), "it is longer than its columns");
        require(segment_.high_ != nullptr, "it has no users");
        if (check_ == Check::directory) return;
        check_order();
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
        require(find_source_of_number(header.source).has_value(), "its source is unknown");
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
        require(column != Column::source && segment_.find(column) == nullptr,
                "a column is there twice");
        ColumnView view;
        view.column = column;
        view.is_text = is_text(column);
        view.base = entry.base;
        view.greatest = entry.greatest;
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
        require(view.greatest >= 1, "a column has no value");
        require(view.is_text || (view.base != format::kNull && view.greatest - 1 <= room),
                "a column has a code without a value");
        segment_.columns_.push_back(view);
    }

    template <typename Code>
    void take_codes(Bytes& bytes, ColumnView& view) {
        const auto codes = bytes.take<Code>(segment_.rows());
        view.codes = std::as_bytes(codes).data();
        view.width = sizeof(Code);
        if (check_ == Check::directory) return;
        Code greatest = 0;
        for (const auto code : codes) greatest = std::max(greatest, code);
        require(greatest == view.greatest, "a column's greatest code is another");
    }

    void read_dictionary(const ColumnEntry& entry, Bytes& bytes, Dictionary& dictionary) const {
        require(entry.greatest <= format::kMaxRows, "a dictionary is too long");
        dictionary.offsets = bytes.take<std::uint32_t>(entry.greatest + 1);
        require(dictionary.offsets.front() == 0 && dictionary.offsets.back() == bytes.size(),
                "a dictionary has wrong offsets");
        dictionary.texts = bytes.take<char>(dictionary.offsets.back()).data();
        if (check_ == Check::directory) return;
        require(std::ranges::is_sorted(dictionary.offsets), "a dictionary has wrong offsets");
        for (std::uint64_t code = 2; code <= dictionary.size(); ++code) {
            require(dictionary[code - 1] < dictionary[code], "a dictionary is not sorted");
        }
    }

    void check_order() const {
        constexpr auto kMinute = format::kMicrosecondsPerMinute;
        constexpr auto kFirst = std::numeric_limits<std::int64_t>::min() / kMinute - 1;
        constexpr auto kLast = std::numeric_limits<std::int64_t>::max() / kMinute;
        const auto check = [&](Column column, std::int64_t first, std::int64_t last) {
            const auto* view = segment_.find(column);
            require(view != nullptr && !has_nulls(*view) && view->base >= first &&
                        view->number(view->greatest) <= last,
                    "it has a wrong time");
        };
        check(Column::minute, kFirst, kLast);
        check(Column::microsecond, 0, kMinute - 1);
        TimeRange all{TimeRange{}.last, TimeRange{}.first};
        std::array<std::int64_t, 1024> times{};
        auto time_before = TimeRange{}.first;
        bool is_sorted = true;
        for (std::size_t begin = 0; begin < segment_.rows(); begin += times.size()) {
            const auto count = std::min(times.size(), segment_.rows() - begin);
            segment_.read_times(begin, times);
            const auto [least, greatest] = std::ranges::minmax(std::span{times}.first(count));
            all = {std::min(all.first, least), std::max(all.last, greatest)};
            for (std::size_t i = begin == 0 ? 1 : 0; i < count; ++i) {
                const auto before = segment_.user(begin + i - 1);
                const auto user = segment_.user(begin + i);
                const auto time = i == 0 ? time_before : times[i - 1];
                is_sorted &= before < user || (before == user && time <= times[i]);
            }
            time_before = times[count - 1];
        }
        require(is_sorted, "its users and their times are not sorted");
        require(all == segment_.times(), "its times are others than it says");
    }

    [[nodiscard]] bool has_nulls(const ColumnView& column) const {
        bool found = false;
        column.with_codes(0, [&](const auto* codes) {
            for (std::size_t i = 0; i < segment_.rows(); ++i) found |= codes[i] == 0;
        });
        return found;
    }

    void check_signs(const ColumnView& sign) const {
        require(sign.width == 1, "its signs are no column of signs");
        for (std::size_t i = 0; i < segment_.rows(); ++i) {
            const auto code = sign.at<std::uint8_t>(0)[i];
            const auto number = sign.number(code);
            require(code != 0 && (number == 1 || number == -1), "it has a wrong sign");
        }
    }

    Segment& segment_;
    std::span<const std::byte> bytes_;
    Check check_;
};

Expected<Segment, std::string> Segment::decode(Blob blob, Check check) {
    Segment segment;
    segment.blob_ = std::move(blob);
    const auto address = reinterpret_cast<std::uintptr_t>(segment.blob_.data.get());  // NOLINT
    if (address % format::kAlignment != 0) {
        const auto* first = segment.blob_.data.get();
        segment.blob_ = blob_of({first, first + segment.blob_.size});
    }
    try {
        Decoder{segment, check}.decode();
    } catch (const Broken& broken) {
        return Unexpected<std::string>{fmt::format("not a segment: {}", broken.what())};
    }
    return segment;
}

}  // namespace events::segments
