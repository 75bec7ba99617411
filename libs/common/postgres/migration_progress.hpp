#pragma once

#include "common/logging/logger.hpp"
#include "common/postgres/connection.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace events::postgres {

/// While it lives a migration runs, in the server's process `backend`: says so, at once and each
/// `every`, in the log and to `state`, with what it waits for or how far the index is that it
/// makes. A thread, and now and then a connection, of its own.
class MigrationProgress {
  public:
    using State = std::function<void(std::string_view)>;

    struct Subject {
        std::string migration;  ///< its name
        int backend = 0;
    };

    /// `state` may be empty. It is called by this thread and by the progress' own.
    MigrationProgress(const Options& database, Subject subject, std::chrono::milliseconds every,
                      const logging::Logger& log, const State& state);
    ~MigrationProgress() = default;
    MigrationProgress(const MigrationProgress&) = delete;
    MigrationProgress& operator=(const MigrationProgress&) = delete;

  private:
    void run(const std::stop_token& stop);

    Subject subject_;
    std::chrono::milliseconds every_;
    const logging::Logger& log_;
    const State& state_;
    Options database_;
    std::jthread thread_;
};

}  // namespace events::postgres
