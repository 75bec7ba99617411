#pragma once

#include "common/postgres/connection.hpp"
#include "common/retry/pause.hpp"

#include <chrono>
#include <stop_token>

namespace events::erase {

/// Runs `work(transaction)` in one snapshot that may write, and commits; again where somebody else
/// changed the same rows meanwhile, e.g. a second eraser. So `work` must have no other effect.
/// Failure: as Connection says.
template <typename Work>
auto in_snapshot(postgres::Connection& connection, const Work& work) {
    constexpr int kAttempts = 20;
    for (int attempt = 1;; ++attempt) {
        try {
            return connection.guarded([&](postgres::Session& session) {
                pqxx::transaction<pqxx::isolation_level::repeatable_read> transaction{session};
                auto result = work(transaction);
                transaction.commit();
                return result;
            });
        } catch (const postgres::Unavailable& error) {
            if (error.cause() != postgres::Cause::conflict || attempt == kAttempts) throw;
            retry::pause(std::chrono::milliseconds{50 * attempt}, std::stop_token{});
        }
    }
}

}  // namespace events::erase
