#include "publisher/config.hpp"

#include "common/events/time.hpp"

#include <limits>
#include <random>
#include <string>

namespace events::publisher {
namespace {

using namespace std::chrono_literals;
using config::EnvReader;

constexpr std::uint16_t kDefaultPort = 3005;
constexpr std::int64_t kMostEvents = 100'000;  ///< 45 MB: what the gateway's body limit takes
constexpr std::int64_t kMostInFlight = 64;

http::Endpoint read_endpoint(EnvReader& read) {
    const auto url = read.text("EVENT_ENDPOINT", "http://127.0.0.1:3001/events",
                               "where the events are posted to: the gateway");
    const auto endpoint = http::parse_endpoint(url);
    if (endpoint) return *endpoint;
    read.problem("EVENT_ENDPOINT", url, "an http:// URL: " + endpoint.error());
    return {};
}

GeneratorSettings read_events(EnvReader& read) {
    const GeneratorSettings defaults;
    GeneratorSettings events;
    events.min_events = read.integer("MIN_EVENTS", defaults.min_events, {1, kMostEvents},
                                     "the least number of events in a POST");
    events.max_events = read.integer("MAX_EVENTS", defaults.max_events, {1, kMostEvents},
                                     "the greatest number of events in a POST");
    if (events.min_events > events.max_events) {
        read.problem("MAX_EVENTS", std::to_string(events.max_events),
                     "at least MIN_EVENTS (" + std::to_string(events.min_events) + ")");
    }
    events.interval = read.milliseconds(
        "INTERVAL_MS", defaults.interval, {0ms, 1h},
        "from the start of one POST to the start of the next; 0: as soon as one is answered");
    events.invalid_ratio = read.ratio("INVALID_RATIO", defaults.invalid_ratio,
                                      "share of POSTs whose last event is corrupted");
    events.duplicate_ratio = read.ratio("DUPLICATE_RATIO", defaults.duplicate_ratio,
                                        "share of events that repeat an earlier one of this run");
    events.out_of_order =
        read.milliseconds("OUT_OF_ORDER_MS", defaults.out_of_order, {0ms, 24h * 366},
                          "timestamps are moved back by a random time of up to so much");
    events.count = static_cast<std::uint64_t>(
        read.integer("COUNT", 0, {0, std::int64_t{1} << 53},
                     "stop after exactly so many events; 0: go on for ever"));
    return events;
}

std::optional<std::uint64_t> read_seed(EnvReader& read) {
    const auto seed = read.integer("SEED", 0, {0, std::numeric_limits<std::int64_t>::max()},
                                   "the same seed and START_TIME give the same events, byte for "
                                   "byte; 0: a random one, which the log tells");
    if (seed == 0) return std::nullopt;
    return static_cast<std::uint64_t>(seed);
}

std::optional<Timestamp> read_start_time(EnvReader& read) {
    const auto text =
        read.text("START_TIME", "", "time of the first event, RFC 3339; empty: the process' start");
    if (text.empty()) return std::nullopt;
    const auto time = parse_timestamp(text);
    // Far enough from the ends of the calendar for any OUT_OF_ORDER_MS and a long run.
    constexpr std::chrono::sys_days kEarliest{std::chrono::year{1970} / 1 / 1};
    constexpr std::chrono::sys_days kLatest{std::chrono::year{2999} / 1 / 1};
    if (!time || *time < kEarliest || *time > kLatest) {
        read.problem("START_TIME", text, "an RFC 3339 time from 1970 to 2998");
        return std::nullopt;
    }
    return time;
}

}  // namespace

Config read_config(EnvReader& read) {
    Config config;
    auto& options = config.publisher;
    options.sender.endpoint = read_endpoint(read);
    options.sender.key = read.key(
        "EVENT_API_KEY", "sent as Authorization: Bearer, where the gateway asks for a key");
    options.events = read_events(read);
    config.seed = read_seed(read);
    config.start_time = read_start_time(read);
    options.concurrency = static_cast<unsigned>(
        read.integer("CONCURRENCY", options.concurrency, {1, kMostInFlight},
                     "POSTs in flight at one time; when all are, a turn is skipped"));
    options.sender.retry = read.boolean(
        "RETRY", options.sender.retry, "repeat a POST that was told to come later or not answered");
    options.sender.request_timeout =
        read.milliseconds("REQUEST_TIMEOUT_MS", options.sender.request_timeout, {1ms, 1h},
                          "the longest wait for an answer");
    config.http = http::read_server_options(read, kDefaultPort);
    config.daemon = service::read_front_daemon_config(read);
    return config;
}

PublisherOptions publisher_options(const Config& config) {
    auto options = config.publisher;
    // 53 bits: a seed that survives every JSON reader between the log and the next SEED.
    std::random_device device;
    const auto random = (std::uint64_t{device()} << 21U) ^ device();
    options.events.seed = config.seed.value_or(random | 1U);
    options.events.start_time = config.start_time.value_or(
        std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()));
    // A run that nobody means to repeat shows the present, however long it goes on.
    const bool repeatable = config.seed || config.start_time;
    options.clock = repeatable ? EventClock::generator : EventClock::wall;
    return options;
}

}  // namespace events::publisher
