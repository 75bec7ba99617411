#include "gateway/spool_adopter.hpp"

#include "common/retry/pause.hpp"

#include <exception>
#include <utility>

namespace events::gateway {

SpoolAdopter::SpoolAdopter(Spool& spool, std::chrono::milliseconds interval, logging::Logger log)
    : spool_{spool},
      interval_{interval},
      log_{std::move(log)},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void SpoolAdopter::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        try {
            spool_.adopt();
        } catch (const std::exception& error) {
            log_.error("the spool's folder can't be searched for what others left",
                       {{"err", error.what()}});
        }
        retry::pause(interval_, stop);
    }
}

}  // namespace events::gateway
