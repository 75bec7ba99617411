#include "bench.hpp"

namespace events::bench {

void measure_ceilings(Bench& bench) {
    auto& ceilings = bench.ceilings;
    ceilings.json();
    ceilings.our_parser();
    for (const std::size_t events : {1U, 100U}) ceilings.publish(events);
    ceilings.insert();
    for (const std::size_t events : {1U, 100U, 1'000U}) ceilings.http(events, 32);
}

}  // namespace events::bench
