#include "common/nats/connection.hpp"

#include "common/nats/error.hpp"
#include "common/nats/handles.hpp"
#include "integration/nats/client.hpp"
#include "support/await.hpp"
#include "support/log_lines.hpp"
#include "support/nats_server.hpp"
#include "support/ports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace events::nats::test {
namespace {

using events::test::await;
using events::test::kPatience;
using events::test::LogLines;
using events::test::NatsServer;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Connection, ShowsItsStateInTheIndicator) {
    const NatsServer server;
    Client client{server.url()};
    ASSERT_TRUE(client.connection.wait_connected(kPatience));
    EXPECT_TRUE(client.indicator.is_up());
    EXPECT_EQ(client.connection.generation(), 1U);
    EXPECT_THAT(client.metrics.text(), HasSubstr(R"(dependency_up{dependency="nats"} 1)"));
}

TEST(Connection, MayBeMadeBeforeTheServerStarts) {
    NatsServer server{{.started = false}};
    Client client{server.url()};
    EXPECT_FALSE(client.connection.connected());
    EXPECT_FALSE(client.indicator.is_up());
    EXPECT_FALSE(client.connection.wait_connected(std::chrono::milliseconds{200}));
    server.start();
    ASSERT_TRUE(client.connection.wait_connected(kPatience));
    EXPECT_TRUE(client.indicator.is_up());
}

TEST(Connection, ComesBackAfterEachRestartOfTheServer) {
    NatsServer server;
    Client client{server.url()};
    ASSERT_TRUE(client.connection.wait_connected(kPatience));
    for (std::uint64_t made = 1; made <= 3; ++made) {
        EXPECT_EQ(client.connection.generation(), made);
        server.kill();
        ASSERT_TRUE(await([&] { return !client.indicator.is_up(); }));
        EXPECT_FALSE(client.connection.connected());
        EXPECT_EQ(client.indicator.reason(), "disconnected");
        server.start();
        ASSERT_TRUE(client.connection.wait_connected(kPatience));
        EXPECT_TRUE(await([&] { return client.indicator.is_up(); }));
    }
}

TEST(Connection, NoticesAServerThatHangs) {
    const NatsServer server;
    Client client{server.url(), std::chrono::milliseconds{500}};
    ASSERT_TRUE(client.connection.wait_connected(kPatience));
    server.freeze();
    EXPECT_TRUE(await([&] { return !client.connection.connected(); }));
    server.resume();
    EXPECT_TRUE(client.connection.wait_connected(kPatience));
}

TEST(Connection, BuffersNothingWhileThereIsNoServer) {
    NatsServer server;
    Client client{server.url()};
    ASSERT_TRUE(client.connection.wait_connected(kPatience));
    server.kill();
    ASSERT_TRUE(await([&] { return !client.connection.connected(); }));
    EXPECT_EQ(natsConnection_PublishString(client.connection.native().get(), "a", "b"),
              NATS_INSUFFICIENT_BUFFER);
}

TEST(Connection, EndsWithoutAServer) {
    NatsServer server;
    const Client never{"nats://127.0.0.1:" + std::to_string(events::test::free_port())};
    Client lost{server.url()};
    ASSERT_TRUE(lost.connection.wait_connected(kPatience));
    server.kill();
    ASSERT_TRUE(await([&] { return !lost.connection.connected(); }));
    // The destructors return: the test's own time limit says so.
}

TEST(Connection, TakesTheNextOfSeveralServers) {
    const NatsServer server;
    Client client{"nats://127.0.0.1:" + std::to_string(events::test::free_port()) + ", " +
                  server.url()};
    EXPECT_TRUE(client.connection.wait_connected(kPatience));
}

TEST(Connection, SendsTheCredentialsOfItsUrlAndShowsThemToNobody) {
    const NatsServer server{{.extra = R"(authorization { user: "ann", password: "open-sesame" })"}};
    const auto port = std::to_string(server.port());
    const auto lines = std::make_shared<LogLines>();
    {
        metrics::Registry metrics;
        health::Registry health{metrics};
        const auto log = events::test::make_log(lines, logging::Level::trace);
        Connection right{fast_options("nats://ann:open-sesame@127.0.0.1:" + port), log,
                         health.add("right")};
        EXPECT_TRUE(right.wait_connected(kPatience));
        EXPECT_THAT(lines->text(), HasSubstr("127.0.0.1:" + port));
        auto& indicator = health.add("wrong");
        Connection wrong{fast_options("nats://ann:open-barley@127.0.0.1:" + port), log, indicator};
        EXPECT_TRUE(await([&] { return lines->has("uthorization"); }));
        EXPECT_FALSE(indicator.is_up());
        EXPECT_THAT(indicator.reason(), HasSubstr("uthorization"));
        EXPECT_THAT(indicator.reason(), Not(HasSubstr("open-")));
    }
    EXPECT_THAT(lines->text(), Not(HasSubstr("open-")));
}

// cnats closes a connection for good after the server refused its credentials twice.
TEST(Connection, IsMadeAnewAfterItsCredentialsWereRefusedForAWhile) {
    NatsServer server;
    Client client{"nats://ann:secret@127.0.0.1:" + std::to_string(server.port())};
    ASSERT_TRUE(client.connection.wait_connected(kPatience));
    const auto first = client.connection.native();

    server.configure(R"(authorization { user: "ann", password: "changed" })");
    server.restart();
    ASSERT_TRUE(await([&] { return natsConnection_IsClosed(first.get()); }));
    EXPECT_TRUE(await([&] { return !client.connection.connected(); }));

    server.configure("");
    server.restart();
    EXPECT_TRUE(client.connection.wait_connected(kPatience));
    EXPECT_NE(client.connection.native(), first);
}

TEST(Connection, RefusesAnAddressThatCanNeverWork) {
    metrics::Registry metrics;
    health::Registry health{metrics};
    auto& indicator = health.add("nats");
    EXPECT_THROW((Connection{fast_options("http://ann:secret@host"), make_log(), indicator}),
                 Error);
}

}  // namespace
}  // namespace events::nats::test
