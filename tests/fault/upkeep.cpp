#include "upkeep.hpp"

#include "injections.hpp"

#include <array>
#include <chrono>
#include <exception>
#include <utility>

namespace events::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kPeriod = 10s;
constexpr std::size_t kPeriodsOfADrop = 6;
constexpr std::array kSources{"facebook", "tiktok"};

}  // namespace

Upkeep::Upkeep(Suite& suite)
    : suite_{suite}, thread_{[this](const std::stop_token& stop) { run(stop); }} {}

Upkeep::Totals Upkeep::finish() {
    // A fault that failed may have left them paused.
    suite_.resume_clients();
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    begun_.clear();
    return totals_;
}

void Upkeep::run(const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock{mutex};
    auto next = Clock::now();
    for (std::size_t period = 0; !stop.stop_requested(); ++period) {
        begin(&erase_person, kSources[period % 2], &Totals::erasures);
        if (period % kPeriodsOfADrop == 0) {
            begin(&drop_day, kSources[period / kPeriodsOfADrop % 2], &Totals::dropped_days);
        }
        next += kPeriod;
        stopped_.wait_until(lock, stop, next, [] { return false; });
    }
}

void Upkeep::begin(Routine* routine, const std::string& source, std::uint64_t Totals::*done) {
    begun_.emplace_back([this, routine, source, done] {
        std::string complaint;
        try {
            routine(suite_, {.kind = {}, .target = source, .duration = 1s, .lead = {}});
        } catch (const std::exception& error) {
            complaint = error.what();
        }
        const std::lock_guard lock{mutex_};
        if (complaint.empty()) {
            ++(totals_.*done);
        } else {
            totals_.complaints.push_back(std::move(complaint));
        }
    });
}

}  // namespace events::test
