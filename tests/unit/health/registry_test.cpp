#include "common/health/registry.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace events::health {
namespace {

using nlohmann::json;

TEST(HealthRegistry, IsReadyWhenEveryPartIsUpInTheShapeOfTerminus) {
    metrics::Registry metrics;
    Registry health{metrics};
    auto& nats = health.add("nats");
    health.started();
    nats.up();
    const auto report = health.readiness();
    EXPECT_TRUE(report.ready);
    EXPECT_EQ(json::parse(report.body),
              json::parse(R"({"status":"ok","info":{"nats":{"status":"up"}},"error":{},
                              "details":{"nats":{"status":"up"}}})"));
}

TEST(HealthRegistry, IsReadyWithoutAPartThatIsNotRequiredAndTellsOfIt) {
    metrics::Registry metrics;
    Registry health{metrics};
    health.add("nats", false).down("disconnected");
    health.started();
    const auto report = health.readiness();
    EXPECT_TRUE(report.ready);
    EXPECT_EQ(json::parse(report.body), json::parse(R"({"status":"ok","info":{},"error":{},
                              "details":{"nats":{"status":"down","message":"disconnected"}}})"));
}

TEST(HealthRegistry, ShowsTheFailingPartUnderErrorAndTheOthersUnderInfo) {
    metrics::Registry metrics;
    Registry health{metrics};
    auto& nats = health.add("nats");
    auto& postgres = health.add("postgres");
    health.started();
    nats.up();
    postgres.up();
    postgres.down("does not answer");
    const auto report = health.readiness();
    EXPECT_FALSE(report.ready);
    const auto body = json::parse(report.body);
    EXPECT_EQ(body.at("status"), "error");
    EXPECT_EQ(body.at("info"), json::parse(R"({"nats":{"status":"up"}})"));
    EXPECT_EQ(body.at("error"),
              json::parse(R"({"postgres":{"status":"down","message":"does not answer"}})"));
    EXPECT_EQ(body.at("details").size(), 2U);
}

TEST(HealthRegistry, IsUnreadyWhileStartingAndWhileDraining) {
    metrics::Registry metrics;
    Registry health{metrics};
    health.add("nats").up();
    EXPECT_FALSE(health.readiness().ready);
    health.started();
    EXPECT_TRUE(health.readiness().ready);
    health.draining();
    EXPECT_TRUE(health.is_draining());
    health.started();  // too late
    const auto report = health.readiness();
    EXPECT_FALSE(report.ready);
    EXPECT_EQ(json::parse(report.body).at("error").at("service").at("message"), "draining");
}

TEST(HealthRegistry, IsUnreadyAndNotYetDrainingWhileLeaving) {
    metrics::Registry metrics;
    Registry health{metrics};
    health.started();
    health.leaving();
    EXPECT_FALSE(health.readiness().ready);
    EXPECT_FALSE(health.is_draining());
    health.started();  // too late
    EXPECT_FALSE(health.readiness().ready);
}

TEST(HealthRegistry, ANewPartIsDownUntilSomethingWasSeen) {
    metrics::Registry metrics;
    Registry health{metrics};
    const auto& nats = health.add("nats");
    health.started();
    EXPECT_FALSE(nats.is_up());
    EXPECT_FALSE(health.readiness().ready);
}

TEST(HealthRegistry, IsUnreadyForAFaultEvenOfAPartThatIsNotRequired) {
    metrics::Registry metrics;
    Registry health{metrics};
    auto& nats = health.add("nats", false);
    health.started();
    nats.up();
    nats.fault("stream EVENTS_TIKTOK has storage \"memory\"");
    const auto report = health.readiness();
    EXPECT_FALSE(report.ready);
    EXPECT_EQ(json::parse(report.body).at("error"), json::parse(R"({"nats":{"status":"down",
                                      "message":"stream EVENTS_TIKTOK has storage \"memory\""}})"));
    nats.down("disconnected");
    EXPECT_FALSE(health.readiness().ready);  // that it is away mends nothing
    nats.fault("");
    EXPECT_TRUE(health.readiness().ready);
}

TEST(HealthIndicator, AFaultLeavesItsGauge) {
    metrics::Registry metrics;
    Registry health{metrics};
    auto& nats = health.add("nats");
    nats.up();
    nats.fault("no stream");
    EXPECT_TRUE(nats.is_up());
    EXPECT_NE(metrics.text().find("dependency_up{dependency=\"nats\"} 1"), std::string::npos);
}

TEST(HealthIndicator, MovesItsGauge) {
    metrics::Registry metrics;
    Registry health{metrics};
    auto& nats = health.add("nats");
    EXPECT_NE(metrics.text().find("dependency_up{dependency=\"nats\"} 0"), std::string::npos);
    nats.up();
    EXPECT_NE(metrics.text().find("dependency_up{dependency=\"nats\"} 1"), std::string::npos);
}

}  // namespace
}  // namespace events::health
