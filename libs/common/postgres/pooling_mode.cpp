#include "common/postgres/pooling_mode.hpp"

#include "common/postgres/error.hpp"

#include <chrono>
#include <random>
#include <thread>

namespace events::postgres {
namespace {

using namespace std::chrono_literals;

/// A pooler's client waits for a session of the server; by default for two minutes.
constexpr auto kAnswerTimeout = 4s;

/// A pooler gives the session that was given back last, or the one that waits the longest: either
/// shows in the first round, unless others are served in between. These may fall into a rhythm that
/// gives each of us the same session again and again; pauses of no rhythm end that.
constexpr int kRounds = 20;
constexpr auto kLongestPause = 3ms;

/// As the server tells it. A pooler has a number of its own for each of its clients.
int server_process(Connection& connection) {
    return connection.guarded([](Session& session) {
        return pqxx::nontransaction{session}.exec("SELECT pg_backend_pid()")[0][0].as<int>();
    });
}

int announced_process(Connection& connection) {
    return connection.guarded([](Session& session) { return session.backendpid(); });
}

/// Two connections that each have a session of their own never meet in one.
bool share_sessions(Connection& one, Connection& other) {
    const auto first = server_process(one);
    std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<std::chrono::microseconds::rep> pause{
        0, std::chrono::microseconds{kLongestPause}.count()};
    for (int round = 0; round < kRounds; ++round) {
        if (server_process(one) != first || server_process(other) == first) return true;
        std::this_thread::sleep_for(std::chrono::microseconds{pause(random)});
    }
    return false;
}

/// Waits for the pooler to lend it a session.
void open_second(Connection& connection) {
    try {
        connection.ping();
    } catch (const Unavailable& error) {
        throw Unavailable{std::string{"a pooler before the database gives no second connection (is "
                                      "its pool too small?): "} +
                          error.what()};
    }
}

}  // namespace

void require_session_pooling(const Options& database) {
    auto options = database;
    options.bare = true;
    options.answer_timeout = kAnswerTimeout;
    Connection first{options, {}};
    if (server_process(first) == announced_process(first)) return;  // the server itself
    Connection second{options, {}};
    open_second(second);
    if (!share_sessions(first, second)) return;
    throw PoolingModeRefused{
        "the database is behind a pooler in transaction or statement mode: session mode is needed "
        "(pgbouncer: pool_mode = session), or a connection to PostgreSQL itself"};
}

}  // namespace events::postgres
