#pragma once

#include "common/logging/logger.hpp"
#include "common/postgres/connection.hpp"
#include "reporter/snapshot.hpp"

#include <chrono>
#include <thread>

namespace events::reporter {

/// Fetches what is new each second, on a connection of its own, so that reports find it in the
/// cache. While the database does not answer it tries again: reports fetch for themselves then.
class Warmer {
  public:
    Warmer(postgres::Options database, Snapshots& snapshots, logging::Logger log);
    ~Warmer() { stop(); }
    Warmer(const Warmer&) = delete;
    Warmer& operator=(const Warmer&) = delete;

    /// The database has the tables. Call once.
    void start();

    /// Ends the fetch in hand. May be called again.
    void stop();

  private:
    void run(const std::stop_token& stop);

    postgres::Options database_;
    Snapshots& snapshots_;
    logging::Logger log_;
    std::jthread thread_;
};

}  // namespace events::reporter
