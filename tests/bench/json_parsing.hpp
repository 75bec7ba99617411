#pragma once

#include "processes.hpp"

#include <cstdint>

namespace events::bench {

/// How much was parsed in how much of this thread's CPU time.
struct Parsing {
    std::uint64_t events = 0;
    CpuTime cpu{};
};

[[nodiscard]] inline double microseconds_per_event(const Parsing& parsing) {
    return std::chrono::duration<double, std::micro>{parsing.cpu}.count() /
           static_cast<double>(parsing.events);
}

/// Reads bodies of 1,000 events for about so long: simdjson into its DOM, or our parser.
[[nodiscard]] Parsing time_simdjson(CpuTime at_least);
[[nodiscard]] Parsing time_our_parser(CpuTime at_least);

}  // namespace events::bench
