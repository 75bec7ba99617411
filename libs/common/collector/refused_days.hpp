#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace events::collector {

/// The days of which the database refuses events, and the messages that wait in the stream for
/// them. Of a day that is closed all events wait untried, so that neither the database nor other
/// days suffer. The waits grow up to a bound. One thread.
class RefusedDays {
  public:
    using Clock = std::chrono::steady_clock;
    using Day = std::chrono::sys_days;

    /// Whether the day's events are to wait without being tried.
    [[nodiscard]] bool is_closed(Day day, Clock::time_point now) const;
    /// The database refused events of the day. Returns when it is to be tried again.
    Clock::time_point refuse(Day day, const std::string& why, Clock::time_point now);
    /// The database stored events of the day: if it is refused, then only in part.
    void stored(Day day);
    /// When a refused day is to be tried again.
    [[nodiscard]] Clock::time_point opens_at(Day day) const;

    /// A message, by its number in the stream, that is delivered again at `due`, for so many events
    /// that are refused now.
    void park(std::uint64_t message, std::size_t events, Clock::time_point due);
    /// It is acknowledged.
    void unpark(std::uint64_t message);

    /// A batch is done: closes the days that it found refused and of which nothing was stored
    /// since. True if it was the end of all refusals: nothing waits any more.
    bool settle();
    /// Forgets what did not come again in time: another process has it.
    void forget_lost(Clock::time_point now);

    [[nodiscard]] bool empty() const noexcept { return days_.empty(); }
    [[nodiscard]] std::size_t messages() const noexcept { return messages_.size(); }
    [[nodiscard]] std::size_t events() const noexcept { return events_; }
    /// For readiness: which days, and why the last of them.
    [[nodiscard]] std::string describe() const;

  private:
    struct Refusal {
        std::string why{};
        bool fresh = false;    ///< since settle()
        bool partial = false;  ///< others of the day were stored
        bool closed = false;
        std::chrono::milliseconds pause{};
        Clock::time_point opens_at{};
    };
    struct Message {
        std::size_t events;
        Clock::time_point due;
    };

    std::map<Day, Refusal> days_;
    std::map<std::uint64_t, Message> messages_;
    std::size_t events_ = 0;
};

/// YYYY-MM-DD.
[[nodiscard]] std::string to_string(RefusedDays::Day day);

}  // namespace events::collector
