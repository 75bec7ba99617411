#include "gateway/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace events::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(GatewayConfig, HasTheContractsDefaults) {
    const config::Environment environment{{}};
    config::EnvReader read{environment};
    const auto config = read_config(read);
    EXPECT_THAT(read.problems(), IsEmpty());
    EXPECT_EQ(config.http.port, 3001);
    EXPECT_EQ(config.http.host, "0.0.0.0");
    EXPECT_EQ(config.max_body_bytes, 52'428'800U);
    EXPECT_EQ(config.events_per_message, 100U);
    EXPECT_EQ(config.nats.url.reveal(), "nats://127.0.0.1:4222");
    EXPECT_EQ(config.daemon.shutdown.grace, std::chrono::milliseconds{10'000});
}

TEST(GatewayConfig, ReportsEveryProblemAtOnce) {
    const config::Environment environment{
        {{"PORT", "x"}, {"EVENTS_PER_MESSAGE", "0"}, {"LOG_LEVEL", "loud"}}};
    config::EnvReader read{environment};
    (void)read_config(read);
    EXPECT_THAT(read.problems(),
                ::testing::UnorderedElementsAre(HasSubstr("PORT"), HasSubstr("EVENTS_PER_MESSAGE"),
                                                HasSubstr("LOG_LEVEL")));
}

TEST(GatewayConfig, AsksNobodyForAKeyUnlessToldTo) {
    const config::Environment environment{{}};
    config::EnvReader read{environment};
    const auto config = read_config(read);
    EXPECT_THAT(config.access.api_keys, IsEmpty());
    EXPECT_FALSE(Signatures{config.access.signatures}.asked_for());
    EXPECT_FALSE(config.access.meta_verify_token);
    EXPECT_EQ(config.access.signatures.max_age, std::chrono::minutes{5});
}

TEST(GatewayConfig, ReportsEveryBadSecretWithoutQuotingIt) {
    const config::Environment environment{{{"API_KEYS", "hunter2"},
                                           {"META_APP_SECRETS", "hunter2"},
                                           {"TIKTOK_CLIENT_SECRETS", "long-enough-012345,hunter2"},
                                           {"META_VERIFY_TOKEN", "hunter2"},
                                           {"SIGNATURE_MAX_AGE_MS", "0"}}};
    config::EnvReader read{environment};
    (void)read_config(read);
    EXPECT_EQ(read.problems().size(), 5U);
    EXPECT_THAT(read.problems(), ::testing::Each(::testing::Not(HasSubstr("hunter2"))));
}

TEST(GatewayConfig, RefusesABodyLimitThatCouldNeverBeAdmitted) {
    const config::Environment environment{
        {{"MAX_BODY_BYTES", "10MiB"}, {"MAX_INFLIGHT_BYTES", "1MiB"}}};
    config::EnvReader read{environment};
    (void)read_config(read);
    EXPECT_THAT(read.problems(), ElementsAre(HasSubstr("MAX_INFLIGHT_BYTES")));
}

}  // namespace
}  // namespace events::gateway
