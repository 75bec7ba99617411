#include "common/http/operations.hpp"

#include "common/http/client.hpp"
#include "common/http/server.hpp"
#include "support/zlib.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace events::http {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class Operations : public ::testing::Test {
  protected:
    Operations() : nats_{health_.add("nats")} {
        Router router;
        add_operations_routes(router, health_, metrics_);
        server_.emplace(ServerOptions{.host = "127.0.0.1"}, std::move(router),
                        logging::Logger{"test", {.level = logging::Level::fatal}}, metrics_);
    }

    ClientResponse get(std::string_view target, decltype(ClientRequest::headers) headers = {}) {
        Client client{"127.0.0.1", server_->port()};
        return client.send({.target = target, .headers = std::move(headers)}, 60s).value();
    }

    metrics::Registry metrics_;
    health::Registry health_{metrics_};
    health::Indicator& nats_;
    std::optional<Server> server_;
};

TEST_F(Operations, LivenessSaysOkAndTheTime) {
    const auto response = get("/liveness");
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.header("Content-Type"), "application/json");
    const auto body = nlohmann::json::parse(response.body);
    EXPECT_EQ(body["status"], "ok");
    EXPECT_THAT(body["timestamp"].get<std::string>(),
                MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z"));
}

TEST_F(Operations, ReadinessFollowsTheDependencies) {
    health_.started();
    const auto before = get("/readiness");
    EXPECT_EQ(before.status, 503U);
    EXPECT_EQ(nlohmann::json::parse(before.body)["error"]["nats"]["status"], "down");
    nats_.up();
    const auto after = get("/readiness");
    EXPECT_EQ(after.status, 200U);
    EXPECT_EQ(after.header("Content-Type"), "application/json");
    EXPECT_EQ(nlohmann::json::parse(after.body)["info"]["nats"]["status"], "up");
}

TEST_F(Operations, MetricsComeInTheTextFormat) {
    const auto response = get("/metrics");
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_THAT(response.body, HasSubstr("# TYPE build_info gauge"));
}

TEST_F(Operations, HaveNoOtherSpellingThatAProxyDoesNotKnow) {
    for (const auto* path : {"/metrics/", "/liveness/", "/readiness/", "/Metrics", "//metrics"}) {
        EXPECT_EQ(get(path).status, 404U) << path;
    }
}

TEST_F(Operations, MetricsArePackedForWhoTakesThemSo) {
    for (const auto* plain : {"identity", "gzip;q=0", "br"}) {
        const auto response = get("/metrics", {{"Accept-Encoding", plain}});
        EXPECT_EQ(response.header("Content-Encoding"), "") << plain;
        EXPECT_EQ(response.header("Vary"), "Accept-Encoding");
    }
    const auto packed = get("/metrics", {{"Accept-Encoding", "gzip"}});  // as Prometheus asks
    EXPECT_EQ(packed.header("Content-Encoding"), "gzip");
    EXPECT_EQ(packed.header("Vary"), "Accept-Encoding");
    EXPECT_EQ(packed.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_THAT(test::gunzip(packed.body), HasSubstr("# TYPE build_info gauge"));
    EXPECT_EQ(get("/liveness", {{"Accept-Encoding", "gzip"}}).header("Content-Encoding"), "");
}

}  // namespace
}  // namespace events::http
