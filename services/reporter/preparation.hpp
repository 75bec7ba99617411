#pragma once

#include "common/health/registry.hpp"
#include "common/logging/logger.hpp"
#include "common/postgres/connection.hpp"
#include "reporter/parse_query.hpp"

#include <atomic>
#include <functional>
#include <thread>

namespace events::reporter {

/// Brings the database's tables up to date in the background, so that the daemon answers its probes
/// meanwhile, or waits for the daemon that does. While the database can't be reached it tries
/// again, with capped jittered backoff. The indicator says what it does or waits for.
///
/// `done` or `refused` is called once, on its own thread; neither, when it is stopped before. What
/// trying again can't mend (MigrationRefused, or anything else) is logged as fatal.
class Preparation {
  public:
    Preparation(postgres::Options database, health::Indicator& indicator, logging::Logger log,
                std::function<void(TimeZones)> done, std::function<void()> refused);
    ~Preparation();
    Preparation(const Preparation&) = delete;
    Preparation& operator=(const Preparation&) = delete;

    /// Ends the attempt in hand, a migration too; no callback comes after this. May be called
    /// again.
    void stop();

    [[nodiscard]] bool was_refused() const noexcept { return was_refused_.load(); }

  private:
    enum class Outcome { done, refused, try_again };

    void run(const std::stop_token& stop);
    Outcome attempt(postgres::Connection& connection, TimeZones& zones,
                    const std::stop_token& stop);

    postgres::Options database_;
    health::Indicator& indicator_;
    logging::Logger log_;
    std::function<void(TimeZones)> done_;
    std::function<void()> refused_;
    std::atomic<bool> was_refused_{false};
    std::jthread thread_;
};

}  // namespace events::reporter
