#include "common/events/time.hpp"

#include <fmt/compile.h>

#include <cstdint>

namespace events {
namespace {

namespace chrono = std::chrono;

/// Takes a text apart from the left. After the first thing that isn't there it stays failed and
/// gives zeros, so that a caller needs to look only once.
class Cursor {
  public:
    explicit Cursor(std::string_view text) noexcept : rest_{text} {}

    /// Exactly `count` digits, as a number.
    int digits(std::size_t count) noexcept {
        if (rest_.size() < count) return fail();
        int value = 0;
        for (const char c : rest_.substr(0, count)) {
            if (c < '0' || c > '9') return fail();
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }

    /// Whether one of `choices` stands here; steps over it.
    bool skip_one_of(std::string_view choices) noexcept {
        if (rest_.empty() || choices.find(rest_.front()) == std::string_view::npos) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void expect_one_of(std::string_view choices) noexcept {
        if (!skip_one_of(choices)) fail();
    }

    /// A fraction of a second of 1 to 9 digits, cut off behind the microsecond.
    chrono::microseconds fraction() noexcept {
        std::int64_t micros = 0;
        int count = 0;
        for (; count < 10 && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
             ++count) {
            if (count < 6) micros = micros * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        if (count == 0 || count > 9) fail();
        for (; count < 6; ++count) micros *= 10;
        return chrono::microseconds{micros};
    }

    [[nodiscard]] bool at_end() const noexcept { return !failed_ && rest_.empty(); }

  private:
    int fail() noexcept {
        failed_ = true;
        rest_ = {};
        return 0;
    }

    std::string_view rest_;
    bool failed_ = false;
};

/// 'Z' or the signed distance to UTC; nothing when an hour or a minute is out of its range.
std::optional<chrono::minutes> read_offset(Cursor& cursor) noexcept {
    if (cursor.skip_one_of("Zz")) return chrono::minutes{0};
    const bool east = cursor.skip_one_of("+");
    if (!east) cursor.expect_one_of("-");
    const int hours = cursor.digits(2);
    cursor.skip_one_of(":");
    const int minutes = cursor.digits(2);
    if (hours > 23 || minutes > 59) return std::nullopt;
    const auto distance = chrono::hours{hours} + chrono::minutes{minutes};
    return east ? distance : -distance;
}

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) noexcept {
    Cursor cursor{text};
    const int year = cursor.digits(4);
    cursor.expect_one_of("-");
    const int month = cursor.digits(2);
    cursor.expect_one_of("-");
    const int day = cursor.digits(2);
    cursor.expect_one_of("Tt ");
    const int hour = cursor.digits(2);
    cursor.expect_one_of(":");
    const int minute = cursor.digits(2);
    cursor.expect_one_of(":");
    const int second = cursor.digits(2);
    const auto fraction = cursor.skip_one_of(".") ? cursor.fraction() : chrono::microseconds{0};
    const auto offset = read_offset(cursor);
    if (!cursor.at_end() || !offset) return std::nullopt;

    const chrono::year_month_day date{chrono::year{year},
                                      chrono::month{static_cast<unsigned>(month)},
                                      chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;

    const auto to_the_minute =
        chrono::sys_days{date} + chrono::hours{hour} + chrono::minutes{minute} - *offset;
    if (second == 60) {
        const auto of_the_day = to_the_minute - chrono::floor<chrono::days>(to_the_minute);
        if (of_the_day != chrono::hours{23} + chrono::minutes{59}) return std::nullopt;
    }
    return to_the_minute + chrono::seconds{second} + fraction;
}

std::string format_timestamp(Timestamp time) {
    const auto midnight = chrono::floor<chrono::days>(time);
    const chrono::year_month_day date{midnight};
    const chrono::hh_mm_ss clock{time - midnight};
    const int year = static_cast<int>(date.year());
    const bool before_christ = year < 1;  // there is no year 0: the year before 1 is 1 BC
    return fmt::format(FMT_COMPILE("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z{}"),
                       before_christ ? 1 - year : year, static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count(), clock.subseconds().count(),
                       before_christ ? " BC" : "");
}

}  // namespace events
