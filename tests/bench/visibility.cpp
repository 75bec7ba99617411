#include "visibility.hpp"

#include "common/events/time.hpp"
#include "common/http/client.hpp"
#include "support/await.hpp"
#include "support/sample_events.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <atomic>
#include <stdexcept>

namespace events::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto kBetweenEvents = 10ms;
constexpr auto kBetweenLooks = 1ms;
constexpr auto kPatience = 10s;

std::string make_prefix() {
    static std::atomic<int> probes{0};
    return fmt::format("fb-visibility-{}-", ++probes);
}

}  // namespace

VisibilityProbe::VisibilityProbe(const Suite& suite)
    : prefix_{make_prefix()},
      looker_{[this, database = suite.database()](const std::stop_token& stop) {
          try {
              look(stop, database);
          } catch (const std::exception& error) {
              fail(error.what());
          }
      }},
      poster_{
          [this, port = suite.gateway_port()](const std::stop_token& stop) { post(stop, port); }} {}

VisibilityProbe::~VisibilityProbe() = default;

Samples VisibilityProbe::stop() {
    poster_.request_stop();
    poster_.join();
    const bool all_seen = test::await(
        [this] {
            const std::lock_guard lock{mutex_};
            return invisible_.empty() || !failure_.empty();
        },
        kPatience);
    looker_.request_stop();
    looker_.join();
    if (!failure_.empty()) throw std::runtime_error{failure_};
    if (!all_seen) throw std::runtime_error{"an event that was saved is not visible"};
    return delays_ms_;
}

void VisibilityProbe::post(const std::stop_token& stop, std::uint16_t gateway_port) {
    http::Client client{"127.0.0.1", gateway_port};
    auto turn = Clock::now();
    for (std::uint64_t number = 0; !stop.stop_requested(); ++number) {
        std::this_thread::sleep_until(turn += kBetweenEvents);
        const auto id = prefix_ + std::to_string(number);
        const auto body = test::facebook_top(
            id, format_timestamp(std::chrono::time_point_cast<std::chrono::microseconds>(
                    std::chrono::system_clock::now())));
        {
            const std::lock_guard lock{mutex_};
            invisible_.emplace(id, Clock::now());
        }
        const auto answer = client.send({.method = "POST",
                                         .target = "/events",
                                         .content_type = "application/json",
                                         .body = body},
                                        kPatience);
        if (!answer) return fail(answer.error().message);
        if (answer->status != 201) return fail(fmt::format("answered with {}", answer->status));
    }
}

void VisibilityProbe::fail(std::string why) {
    const std::lock_guard lock{mutex_};
    failure_ = std::move(why);
}

void VisibilityProbe::look(const std::stop_token& stop, const std::string& database) {
    pqxx::connection connection{database};
    connection.prepare("look",
                       "SELECT event_id FROM facebook_events WHERE event_id = ANY ($1::text[]) "
                       "AND occurred_at > now() - interval '1 minute'");
    while (!stop.stop_requested()) {
        std::this_thread::sleep_for(kBetweenLooks);
        std::string ids;
        {
            const std::lock_guard lock{mutex_};
            for (const auto& [id, posted] : invisible_) ids += (ids.empty() ? "{" : ",") + id;
        }
        if (ids.empty()) continue;
        pqxx::nontransaction transaction{connection};
        const auto rows = transaction.exec_prepared("look", ids + "}");
        const auto now = Clock::now();
        const std::lock_guard lock{mutex_};
        for (const auto& row : rows) {
            const auto found = invisible_.find(row[0].c_str());
            delays_ms_.add(std::chrono::duration<double, std::milli>{now - found->second}.count());
            invisible_.erase(found);
        }
    }
}

}  // namespace events::bench
