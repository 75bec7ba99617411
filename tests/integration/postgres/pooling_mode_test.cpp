// What a pooler before the database lends its clients, with Debian's pgbouncer.
#include "common/postgres/pooling_mode.hpp"

#include "common/postgres/error.hpp"
#include "common/postgres/migrations.hpp"
#include "support/log_lines.hpp"
#include "support/pgbouncer.hpp"
#include "support/postgres_cluster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stop_token>
#include <thread>
#include <vector>

namespace events::postgres {
namespace {

using ::testing::HasSubstr;

Options options(const std::string& url) {
    return {.url = config::Secret{url}, .application_name = "pooling-test"};
}

/// Why it is refused; empty: it is not.
std::string refusal_of(const std::string& url) {
    try {
        require_session_pooling(options(url));
    } catch (const PoolingModeRefused& refused) {
        return refused.what();
    }
    return "";
}

/// As the pooler's next client finds it, whatever session it gets.
std::string setting(const std::string& url, const std::string& name) {
    pqxx::connection connection{url};
    return pqxx::nontransaction{connection}.exec("SHOW " + name)[0][0].as<std::string>();
}

/// Other clients of the pooler, which take and give back its sessions all the time.
class OtherClients {
  public:
    explicit OtherClients(const std::string& url, int count) {
        for (int client = 0; client < count; ++client) {
            threads_.emplace_back([url](const std::stop_token& stop) {
                pqxx::connection connection{url};
                while (!stop.stop_requested()) {
                    pqxx::nontransaction{connection}.exec("SELECT pg_sleep(0.001)");
                }
            });
        }
    }

  private:
    std::vector<std::jthread> threads_;
};

class PoolingMode : public ::testing::Test {
  protected:
    [[nodiscard]] test::PgBouncer pooler(const std::string& mode,
                                         const std::vector<std::string>& settings = {}) const {
        return {test::postgres_cluster().port(), mode, settings};
    }
    std::string url_ = test::postgres_cluster().make_database();
};

TEST_F(PoolingMode, TakesAServerItself) {
    EXPECT_EQ(refusal_of(url_), "");
}

TEST_F(PoolingMode, TakesAPoolerInSessionMode) {
    const auto session = pooler("session");
    EXPECT_EQ(refusal_of(session.through(url_)), "");
    const OtherClients others{session.through(url_), 3};
    EXPECT_EQ(refusal_of(session.through(url_)), "");
}

class RefusedMode : public PoolingMode,
                    public ::testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(RefusedMode, IsRecognisedHoweverTheSessionsAreLent) {
    const auto& [mode, round_robin] = GetParam();
    const auto between =
        pooler(mode, {std::string{"server_round_robin = "} + round_robin, "default_pool_size = 5"});
    const auto url = between.through(url_);
    EXPECT_THAT(refusal_of(url), HasSubstr("session mode is needed")) << "the first client";
    EXPECT_THAT(refusal_of(url), HasSubstr("session mode is needed")) << "sessions are there";
    for (int clients = 1; clients <= 8; clients *= 2) {
        const OtherClients others{url, clients};
        EXPECT_THAT(refusal_of(url), HasSubstr("session mode is needed")) << clients << " others";
    }
}

INSTANTIATE_TEST_SUITE_P(
    Pgbouncer, RefusedMode,
    ::testing::Values(std::pair{"transaction", "0"}, std::pair{"transaction", "1"},
                      std::pair{"statement", "0"}, std::pair{"statement", "1"}),
    [](const auto& tested) {
        return std::string{tested.param.first} + "RoundRobin" + tested.param.second;
    });

// A session lock that was taken in one transaction could not be given back in another: every start
// behind this one hung on it.
TEST_F(PoolingMode, LeavesNoLockAndNoSettingBehind) {
    const auto between = pooler("transaction");
    const auto url = between.through(url_);
    Connection connection{options(url), {}};
    const auto lines = std::make_shared<test::LogLines>();
    const auto log = test::make_log(lines, logging::Level::info);
    EXPECT_THROW(migrate(connection, embedded_migrations(), log), PoolingModeRefused);
    EXPECT_EQ(setting(url, "TimeZone"), "Asia/Kathmandu") << "the cluster's own";
    EXPECT_EQ(setting(url, "statement_timeout"), "0");
    EXPECT_EQ(test::query(url_,
                          "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND "
                          "database = (SELECT oid FROM pg_database WHERE datname = "
                          "current_database())"),
              "0");
    EXPECT_EQ(test::query(url_, "SELECT to_regclass('events.events_migrations') IS NULL"), "t");
}

TEST_F(PoolingMode, SaysThatThePoolIsTooSmallForASecondConnection) {
    const auto session = pooler("session", {"default_pool_size = 1"});
    try {
        require_session_pooling(options(session.through(url_)));
        ADD_FAILURE() << "it has two connections";
    } catch (const Unavailable& error) {
        EXPECT_THAT(error.what(), HasSubstr("no second connection"));
    }
}

TEST_F(PoolingMode, MigratesThroughSessionMode) {
    const auto session = pooler("session");
    Connection connection{options(session.through(url_)), {}};
    const auto lines = std::make_shared<test::LogLines>();
    migrate(connection, embedded_migrations(), test::make_log(lines, logging::Level::info));
    EXPECT_EQ(test::query(url_, "SELECT count(*) FROM events.events_migrations"),
              std::to_string(embedded_migrations().size()));
}

}  // namespace
}  // namespace events::postgres
