#include "common/nats/broker_clock.hpp"

#include "common/events/time.hpp"
#include "common/nats/api_request.hpp"
#include "common/retry/pause.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <exception>
#include <utility>

namespace events::nats {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

/// How soon a new connection is noticed, and a missing answer asked for again.
constexpr auto kLook = 1s;
constexpr auto kInterval = 60s;
/// After how long unused the server drops the consumer.
constexpr std::chrono::nanoseconds kInactive = 5s;

std::optional<clock::Reading> ask_for_time(const Connection& connection, const std::string& subject,
                                           const std::string& body, const char* member) {
    const auto before = clock::now();
    const auto answer = ask(connection, subject, body);
    const auto after = clock::now();
    require_success(answer, subject);
    const auto text = answer.find(member);
    if (text == answer.end() || !text->is_string()) return std::nullopt;
    const auto theirs = parse_timestamp(text->get_ref<const std::string&>());
    if (!theirs) return std::nullopt;
    return clock::Reading{.before = before, .theirs = *theirs, .after = after};
}

}  // namespace

std::optional<clock::Reading> read_broker_clock(const Connection& connection,
                                                const std::string& stream) {
    auto reading = ask_for_time(connection, "$JS.API.STREAM.INFO." + stream, "", "ts");
    if (reading) return reading;
    const json consumer{{"stream_name", stream},
                        {"config",
                         {{"ack_policy", "none"},
                          {"deliver_policy", "new"},
                          {"inactive_threshold", kInactive.count()}}}};
    return ask_for_time(connection, "$JS.API.CONSUMER.CREATE." + stream, consumer.dump(),
                        "created");
}

BrokerClock::BrokerClock(Connection& connection, std::string stream, clock::Comparison& comparison,
                         logging::Logger log)
    : connection_{connection},
      stream_{std::move(stream)},
      comparison_{comparison},
      log_{std::move(log)},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

bool BrokerClock::compare() {
    try {
        const auto reading = read_broker_clock(connection_, stream_);
        if (reading) comparison_.note(*reading);
        return reading.has_value();
    } catch (const std::exception& error) {
        log_.debug("the broker's time is not known", {{"err", error.what()}});
        return false;
    }
}

void BrokerClock::run(const std::stop_token& stop) {
    using SteadyClock = std::chrono::steady_clock;
    std::uint64_t compared_generation = 0;
    auto compared = SteadyClock::now();
    do {
        const auto generation = connection_.generation();
        const bool due =
            generation != compared_generation || SteadyClock::now() - compared >= kInterval;
        if (!due || !connection_.connected() || !compare()) continue;
        compared_generation = generation;
        compared = SteadyClock::now();
    } while (retry::pause(kLook, stop));
}

}  // namespace events::nats
