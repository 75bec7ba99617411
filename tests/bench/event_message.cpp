#include "event_message.hpp"

#include "publisher/event_generator.hpp"

#include <atomic>
#include <chrono>

namespace events::bench {
namespace {

using namespace std::chrono_literals;

/// The last group of a UUID: room for 10^12 numbers.
constexpr std::size_t kDigits = 12;
constexpr std::size_t kUuidLength = 36;

std::atomic<std::uint64_t> numbers{0};
std::atomic<std::uint64_t> seeds{1};

void write_number(char* last, std::uint64_t number) {
    for (std::size_t i = 0; i < kDigits; ++i, number /= 10) {
        *--last = static_cast<char>('0' + number % 10);
    }
}

/// Numbers in a row become such that have nothing in common.
std::uint64_t scattered(std::uint64_t number) {
    constexpr std::uint64_t kGolden = 0x9e37'79b9'7f4a'7c15;
    return number * kGolden >> 32U;
}

}  // namespace

EventMessage::Body EventMessage::make_body(std::size_t events) {
    constexpr std::string_view kUser = R"("userId":"user-)";
    const auto count = static_cast<std::int64_t>(events);
    const auto now =
        std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    publisher::EventGenerator generator{{.seed = seeds++,
                                         .start_time = now - 30s,
                                         .min_events = count,
                                         .max_events = count,
                                         .invalid_ratio = 0,
                                         .count = events}};
    auto batch = generator.next_batch().value();
    Body body{.text = {}, .places = {}};
    body.places.reserve(2 * events);
    for (std::size_t index = 0; index < events; ++index) {
        const auto id = batch.event_id(index);
        const auto id_end = static_cast<std::size_t>(id.data() - batch.body.data()) + id.size();
        const auto user = batch.body.find(kUser, id_end);
        body.places.push_back(id_end - kDigits);
        body.places.push_back(user + kUser.size() + kUuidLength - kDigits);
    }
    body.text = std::move(batch.body);
    return body;
}

void EventMessage::renew(std::uint64_t users_an_event) {
    auto number = numbers.fetch_add(events(), std::memory_order_relaxed);
    for (std::size_t i = 0; i < places_.size(); i += 2, ++number) {
        write_number(text_.data() + places_[i] + kDigits, number);
        const bool is_known = users_an_event > 0 && number % 10 != 0;
        // The rest of the id is this event's alone, so each place has users of its own.
        write_number(text_.data() + places_[i + 1] + kDigits,
                     is_known ? scattered(number) % users_an_event : number);
    }
}

}  // namespace events::bench
