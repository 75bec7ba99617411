#include "common/nats/topology.hpp"

#include "common/config/env_reader.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace events::nats {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(Topology, GivesEachSourceAStreamThatRefusesRatherThanDrops) {
    const TopologyOptions options{.replicas = 3, .stream_max_bytes = 1'000'000};
    const auto facebook = event_stream(kFacebook, options);
    EXPECT_EQ(facebook.name, "EVENTS_FACEBOOK");
    EXPECT_THAT(facebook.subjects, ElementsAre("events.facebook"));
    EXPECT_EQ(facebook.retention, Retention::work_queue);
    EXPECT_EQ(facebook.discard, Discard::new_messages);
    EXPECT_EQ(facebook.max_bytes, 1'000'000);
    EXPECT_EQ(facebook.replicas, 3);
    EXPECT_EQ(facebook.duplicate_window, std::chrono::minutes{2});

    const auto tiktok = event_stream(kTikTok, options);
    EXPECT_EQ(tiktok.name, "EVENTS_TIKTOK");
    EXPECT_THAT(tiktok.subjects, ElementsAre("events.tiktok"));
}

TEST(Topology, DropsTheOldestDeadLetters) {
    const auto stream = dead_letter_stream({.dead_letter_max_bytes = 5});
    EXPECT_EQ(stream.name, "EVENTS_DEAD");
    EXPECT_THAT(stream.subjects, ElementsAre("dead.gateway", "dead.facebook", "dead.tiktok"));
    EXPECT_EQ(stream.retention, Retention::limits);
    EXPECT_EQ(stream.discard, Discard::old_messages);
    EXPECT_EQ(stream.max_bytes, 5);
}

TEST(Topology, GivesEachSourceADurableConsumer) {
    const auto consumer =
        event_consumer(kTikTok, {.max_ack_pending = 7, .ack_wait = std::chrono::seconds{3}});
    EXPECT_EQ(consumer.stream, "EVENTS_TIKTOK");
    EXPECT_EQ(consumer.durable, "ttk-collector");
    EXPECT_EQ(consumer.max_ack_pending, 7);
    EXPECT_EQ(consumer.ack_wait, std::chrono::seconds{3});
    EXPECT_EQ(event_consumer(kFacebook, {}).durable, "fb-collector");
}

TEST(Topology, NamesTheStreamOfEachSubject) {
    for (const auto& stream : all_streams({})) {
        for (const auto& subject : stream.subjects) {
            EXPECT_STREQ(stream_of_subject(subject), stream.name.c_str()) << subject;
        }
    }
    EXPECT_EQ(stream_of_subject("events"), nullptr);
    EXPECT_EQ(stream_of_subject("events.facebook.x"), nullptr);
}

TEST(TopologyOptions, AreReadFromTheEnvironment) {
    const config::Environment environment{{{"STREAM_REPLICAS", "3"},
                                           {"STREAM_MAX_BYTES", "2GiB"},
                                           {"DEAD_LETTER_MAX_BYTES", "1MiB"},
                                           {"MAX_ACK_PENDING", "500"},
                                           {"ACK_WAIT_MS", "30000"}}};
    config::EnvReader read{environment};
    const auto options = read_topology_options(read);
    EXPECT_TRUE(read.problems().empty());
    EXPECT_EQ(options.replicas, 3);
    EXPECT_EQ(options.stream_max_bytes, std::int64_t{2} << 30);
    EXPECT_EQ(options.dead_letter_max_bytes, 1 << 20);
    EXPECT_EQ(options.max_ack_pending, 500);
    EXPECT_EQ(options.ack_wait, std::chrono::seconds{30});
}

TEST(TopologyOptions, HaveDefaultsAndDescriptions) {
    const config::Environment environment{{}};
    config::EnvReader read{environment};
    const auto options = read_topology_options(read);
    EXPECT_EQ(options.replicas, 1);
    EXPECT_EQ(options.stream_max_bytes, std::int64_t{4} << 30);
    EXPECT_EQ(options.ack_wait, std::chrono::minutes{1});
    ASSERT_THAT(read.variables(), SizeIs(5));
    for (const auto& variable : read.variables()) EXPECT_FALSE(variable.description.empty());
}

TEST(TopologyOptions, ReportEachValueThatIsOutOfRange) {
    const config::Environment environment{{{"STREAM_REPLICAS", "6"},
                                           {"STREAM_MAX_BYTES", "1KiB"},
                                           {"DEAD_LETTER_MAX_BYTES", "0"},
                                           {"MAX_ACK_PENDING", "0"},
                                           {"ACK_WAIT_MS", "1"}}};
    config::EnvReader read{environment};
    static_cast<void>(read_topology_options(read));
    EXPECT_THAT(read.problems(), SizeIs(5));
}

}  // namespace
}  // namespace events::nats
