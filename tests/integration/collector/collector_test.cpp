#include "common/collector/collector.hpp"

#include "common/events/message_encoding.hpp"
#include "common/events/time.hpp"
#include "common/nats/jetstream.hpp"
#include "common/nats/topology.hpp"
#include "common/postgres/migrations.hpp"
#include "fb-collector/facebook_store.hpp"
#include "support/await.hpp"
#include "support/nats_server.hpp"
#include "support/postgres_cluster.hpp"
#include "support/sample_events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace events::collector {
namespace {

using namespace std::chrono_literals;
using test::await;

/// A facebook collector on a real broker and a real database, and a way to put messages before it.
class CollectorTest : public ::testing::Test {
  protected:
    CollectorTest() {
        EXPECT_TRUE(broker_.wait_connected(test::kPatience));
        jetstream_.ensure_stream(stream_);
        jetstream_.ensure_stream(nats::dead_letter_stream({}));
        postgres::Connection connection{options(), {}};
        postgres::migrate(connection, postgres::embedded_migrations(), log_);
    }

    [[nodiscard]] postgres::Options options() const {
        return {.url = config::Secret{database_}, .application_name = "test"};
    }

    void start(CollectorOptions collector_options = {}) {
        collector_options.source = Source::facebook;
        collector_options.ack_wait = 2s;
        consumer_.ack_wait = 2s;
        pull_ = std::make_unique<nats::PullConsumer>(
            broker_,
            nats::PullConsumer::Options{.stream = consumer_.stream, .durable = consumer_.durable},
            [this] { jetstream_.ensure_consumer(consumer_); }, log_);
        collector_ = std::make_unique<Collector>(
            collector_options, *pull_, publisher_, store_, database_health_, probe_, [] {},
            [](std::string_view why) { ADD_FAILURE() << why; });
    }

    void send(const std::vector<std::string>& lines) {
        std::string payload;
        for (const auto& line : lines) append_line(payload, line);
        const std::vector<nats::HeaderField> headers{
            {nats::headers::kCorrelationId, "c-1"},
            {nats::headers::kEventCount, std::to_string(lines.size())},
            {nats::headers::kReceivedAt, "2026-03-01T10:00:00.000001Z"}};
        const auto outcome =
            publisher_.publish(nats::subject_of(Source::facebook), headers, payload);
        ASSERT_TRUE(outcome.durable()) << outcome.error;
    }

    [[nodiscard]] std::string rows() const {
        return test::query(database_, "SELECT count(*) FROM facebook_events");
    }

    /// Every message is acknowledged: nothing is left in the stream.
    [[nodiscard]] bool drained() { return jetstream_.stream_info(stream_.name)->messages == 0; }

    [[nodiscard]] std::uint64_t dead_letters() {
        return jetstream_.stream_info(nats::kDeadLetterStream)->messages;
    }

    [[nodiscard]] bool has_metric(const std::string& line) const {
        return metrics_.text().find(line + "\n") != std::string::npos;
    }

    test::NatsServer server_;
    std::string database_ = test::postgres_cluster().make_database();
    logging::Logger log_{"test", {.level = logging::Level::error}};
    metrics::Registry metrics_;
    health::Registry health_{metrics_};
    health::Indicator& database_health_ = health_.add("postgres");
    nats::Connection broker_{
        {.url = config::Secret{server_.url()}, .name = "test"}, log_, health_.add("nats")};
    nats::JetStream jetstream_{broker_};
    nats::StreamConfig stream_ = nats::event_stream(Source::facebook, {});
    nats::ConsumerConfig consumer_ = nats::event_consumer(Source::facebook, {});
    nats::Publisher publisher_{broker_, {}, log_, metrics_};
    fb_collector::FacebookStore store_{options()};
    Probe probe_{Source::facebook, log_, metrics_};
    std::unique_ptr<nats::PullConsumer> pull_;
    std::unique_ptr<Collector> collector_;
};

std::string event(const std::string& id) {
    return test::facebook_top(id, "2026-03-01T09:59:59.5Z");
}

TEST_F(CollectorTest, StoresABatchAndAcknowledgesAfterwards) {
    send({event("fb-1"), event("fb-2")});
    send({event("fb-3")});
    start();
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "3");
    EXPECT_EQ(test::query(database_,
                          "SELECT correlation_id || ' ' || (received_at AT TIME ZONE 'UTC')::text "
                          "FROM facebook_events WHERE event_id = 'fb-1'"),
              "c-1 2026-03-01 10:00:00.000001");
    EXPECT_TRUE(has_metric(R"(processed_events_total{source="facebook"} 3)"));
}

TEST_F(CollectorTest, CountsAnEventOnceHoweverOftenItComes) {
    send({event("fb-1"), event("fb-2"), event("fb-1")});
    send({event("fb-2")});
    start();
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "2");
    EXPECT_TRUE(has_metric(R"(duplicate_events_total{source="facebook"} 2)"));
    EXPECT_TRUE(has_metric(R"(accepted_events_total{source="facebook"} 4)"));
}

TEST_F(CollectorTest, PutsWhatIsNoEventOfItsSourceIntoTheDeadLetters) {
    send({event("fb-1"), "no JSON at all", test::tiktok_top("ttk-1", "2026-03-01T09:59:59.5Z"),
          R"({"eventId":"fb-9"})", event("fb-2")});
    start();
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "2");
    EXPECT_EQ(dead_letters(), 3U);
    EXPECT_TRUE(
        has_metric(R"(dead_letter_events_total{reason="malformed_json",source="facebook"} 1)"));
    EXPECT_TRUE(
        has_metric(R"(dead_letter_events_total{reason="unknown_value",source="facebook"} 1)"));
}

TEST_F(CollectorTest, HalvesARefusedBatchUntilTheCulpritsAreAlone) {
    // Content that passes every check of ours but not the database's.
    (void)test::query(database_,
                      "ALTER TABLE facebook_events ADD CHECK (event_id NOT LIKE 'poison%')");
    std::vector<std::string> lines;
    for (int i = 0; i < 57; ++i) lines.push_back(event("fb-" + std::to_string(i)));
    lines.insert(lines.begin() + 13, event("poison-1"));
    lines.push_back(event("poison-2"));
    send(lines);
    start();
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "57");
    EXPECT_EQ(dead_letters(), 2U);
    EXPECT_TRUE(has_metric(
        R"(dead_letter_events_total{reason="refused_by_database",source="facebook"} 2)"));
}

TEST_F(CollectorTest, KeepsItsBatchWhileTheDatabaseIsAwayAndDeadLettersNothing) {
    send({event("fb-1")});
    start();
    ASSERT_TRUE(await([&] { return drained(); }));
    EXPECT_TRUE(database_health_.is_up());
    test::postgres_cluster().kill();
    send({event("fb-2"), event("fb-3")});
    EXPECT_TRUE(await([&] { return !database_health_.is_up(); }));
    test::postgres_cluster().restart();
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "3");
    EXPECT_EQ(dead_letters(), 0U);
    EXPECT_TRUE(database_health_.is_up());
    EXPECT_TRUE(has_metric(R"(duplicate_events_total{source="facebook"} 0)"))
        << "nothing was redelivered needlessly";
}

TEST_F(CollectorTest, GivesItsBatchBackWhenItEndsDuringAnOutage) {
    send({event("fb-1")});
    start();
    ASSERT_TRUE(await([&] { return drained(); }));
    test::postgres_cluster().kill();
    send({event("fb-2")});
    EXPECT_TRUE(await([&] { return !database_health_.is_up(); }));
    collector_->stop();
    test::postgres_cluster().restart();
    start();
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "2");
}

TEST_F(CollectorTest, TakesAMessageThatIsLargerThanABatch) {
    std::vector<std::string> lines;
    for (int i = 0; i < 25; ++i) lines.push_back(event("fb-" + std::to_string(i)));
    send(lines);
    send({event("fb-x")});
    start({.batch_size = 10});
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "26");
}

TEST_F(CollectorTest, ReadsAMessageWithoutOurHeaders) {
    const auto outcome = publisher_.publish(nats::subject_of(Source::facebook), {}, event("fb-1"));
    ASSERT_TRUE(outcome.durable());
    start();
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "1");
    EXPECT_EQ(test::query(database_,
                          "SELECT now() - received_at < interval '1 hour' "
                          "FROM facebook_events"),
              "t");
}

}  // namespace
}  // namespace events::collector
