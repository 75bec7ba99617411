#include "json_parsing.hpp"

#include "common/events/parser.hpp"
#include "event_message.hpp"

#include <simdjson.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace events::bench {
namespace {

/// `parse` gets a body and returns how many events it found.
template <typename Parse>
Parsing time_parsing(CpuTime at_least, Parse&& parse) {
    constexpr std::size_t kEvents = 1'000;
    const EventMessage message{kEvents};
    auto body = message.text();
    body.reserve(body.size() + std::max<std::size_t>(simdjson::SIMDJSON_PADDING, kPadding));
    Parsing parsing;
    const auto begin = cpu_time_of_this_thread();
    while (parsing.cpu < at_least) {
        if (parse(body) != kEvents) throw std::runtime_error{"not all events were parsed"};
        parsing.events += kEvents;
        parsing.cpu = cpu_time_of_this_thread() - begin;
    }
    return parsing;
}

}  // namespace

Parsing time_simdjson(CpuTime at_least) {
    simdjson::dom::parser parser;
    return time_parsing(at_least, [&](const std::string& body) {
        return simdjson::dom::array{parser.parse(body)}.size();
    });
}

Parsing time_our_parser(CpuTime at_least) {
    Parser parser;
    const auto latest = std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now() + std::chrono::hours{24});
    return time_parsing(at_least, [&](const std::string& body) {
        const auto parsed = parser.parse_body(body, BodyFormat::json, {.latest = latest});
        return parsed ? parsed->accepted.size() : 0;
    });
}

}  // namespace events::bench
