#include "common/clock/comparison.hpp"

#include "common/events/time.hpp"

#include <utility>

namespace events::clock {
namespace {

using std::chrono::microseconds;

double seconds(microseconds duration) {
    return std::chrono::duration<double>(duration).count();
}

}  // namespace

Timestamp now() noexcept {
    return std::chrono::floor<microseconds>(std::chrono::system_clock::now());
}

Comparison::Comparison(std::string dependency, logging::Logger log, metrics::Registry& metrics)
    : dependency_{std::move(dependency)}, log_{std::move(log)}, metrics_{metrics} {}

void Comparison::note(const Reading& reading) {
    const auto took = reading.after - reading.before;
    if (took < microseconds{0} || took > kTolerance) return;
    const auto ours = reading.before + took / 2;
    const auto offset = reading.theirs - ours;
    const bool differ = std::chrono::abs(offset) - took / 2 > kTolerance;

    const std::lock_guard lock{mutex_};
    // Here, so that it is absent until it is known.
    metrics_
        .gauge("clock_offset_seconds",
               "How far a dependency's clock is ahead of this machine's, at its last connection.",
               {{"dependency", dependency_}})
        .Set(seconds(offset));
    const auto before = offset_.exchange(differ ? offset : microseconds{0});
    if (differ && std::chrono::abs(offset - before) > kTolerance) {
        log_.warn("this machine's clock and that of a dependency differ: one of them is wrong",
                  {{"dependency", dependency_},
                   {"ours", format_timestamp(ours)},
                   {"theirs", format_timestamp(reading.theirs)},
                   {"offsetSeconds", seconds(offset)}});
    } else if (!differ && before != microseconds{0}) {
        log_.info("this machine's clock and that of a dependency agree again",
                  {{"dependency", dependency_}, {"offsetSeconds", seconds(offset)}});
    }
}

Timestamp reception_time(Timestamp stamped, Timestamp stored) noexcept {
    if (stored < kEarliest) return stamped;
    return stamped < kEarliest || stamped > stored ? stored : stamped;
}

}  // namespace events::clock
