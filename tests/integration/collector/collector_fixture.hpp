#pragma once

#include "common/collector/collector.hpp"
#include "common/collector/event_table.hpp"
#include "common/events/message_encoding.hpp"
#include "common/events/time.hpp"
#include "common/nats/jetstream.hpp"
#include "common/nats/topology.hpp"
#include "common/postgres/migrations.hpp"
#include "common/sources/facebook.hpp"
#include "integration/nats/client.hpp"
#include "support/await.hpp"
#include "support/nats_server.hpp"
#include "support/postgres_cluster.hpp"
#include "support/sample_events.hpp"
#include "support/tcp_proxy.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace events::collector {

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
        return {
            .url = config::Secret{database_}, .application_name = "test", .connect_timeout = 30s};
    }

    void start(CollectorOptions collector_options = {.source = kFacebook}) {
        if (!link_) {
            link_.emplace(
                nats::ConnectionOptions{
                    .url = config::Secret{"nats://127.0.0.1:" + std::to_string(proxy_.port())},
                    .name = "collector",
                    .reconnect_wait = 50ms,
                    .ping_interval = ping_interval_},
                log_, health_.add("link"));
        }
        collector_options.ack_wait = ack_wait_;
        consumer_.ack_wait = ack_wait_;
        collector_options.make_dead_letters = [this] {
            jetstream_.ensure_stream(nats::dead_letter_stream({}));
        };
        pull_ = std::make_unique<nats::PullConsumer>(
            *link_,
            nats::PullConsumer::Options{.stream = consumer_.stream,
                                        .durable = consumer_.durable,
                                        .request_expiry = 1s,
                                        .stop_patience = 20s,
                                        .forget_patience = 20s},
            [this] {
                jetstream_.ensure_stream(stream_);
                jetstream_.ensure_consumer(consumer_);
            },
            log_);
        collector_ = std::make_unique<Collector>(
            collector_options, *pull_, publisher_, store(), database_health_, probe_,
            [](const std::stop_token&) {}, [](std::string_view why) { ADD_FAILURE() << why; });
    }

    /// Where the collector stores.
    [[nodiscard]] virtual EventStore& store() { return store_; }

    void send(const std::vector<std::string>& lines) {
        std::string payload;
        for (const auto& line : lines) append_line(payload, line);
        const std::vector<nats::HeaderField> headers{
            {nats::headers::kCorrelationId, "c-1"},
            {nats::headers::kEventCount, std::to_string(lines.size())},
            {nats::headers::kReceivedAt, "2026-03-01T10:00:00.000001Z"}};
        const auto outcome = publisher_.publish(kFacebook.subject(), headers, payload);
        ASSERT_TRUE(outcome.durable()) << outcome.error;
    }

    [[nodiscard]] std::string rows() const {
        return test::query(database_, "SELECT count(*) FROM facebook_events");
    }

    /// Every message is acknowledged: nothing is left in the stream.
    [[nodiscard]] bool drained() { return nats::test::messages_in(jetstream_, stream_.name) == 0; }

    [[nodiscard]] std::uint64_t dead_letters() {
        return nats::test::messages_in(jetstream_, nats::kDeadLetterStream);
    }

    [[nodiscard]] bool has_metric(const std::string& line) const {
        return metrics_.text().find(line + "\n") != std::string::npos;
    }

    // Both longer than a busy machine stands still, so that nothing is counted twice; short only
    // where they are waited for.
    std::chrono::milliseconds ack_wait_ = 20s;
    std::chrono::milliseconds ping_interval_ = 20s;  ///< the collector's; before start()
    test::TemporaryDirectory store_folder_;
    test::NatsServer server_{{.store = store_folder_.path()}};
    test::TcpProxy proxy_{server_.port()};  ///< before the collector alone
    std::string database_ = test::postgres_cluster().make_database();
    logging::Logger log_{"test", {.level = logging::Level::error}};
    metrics::Registry metrics_;
    health::Registry health_{metrics_};
    health::Indicator& database_health_ = health_.add("postgres");
    nats::Connection broker_{
        {.url = config::Secret{server_.url()}, .name = "test"}, log_, health_.add("nats")};
    std::optional<nats::Connection> link_;  ///< the collector's, from start() on
    nats::JetStream jetstream_{broker_};
    nats::StreamConfig stream_ = nats::event_stream(kFacebook, {});
    nats::ConsumerConfig consumer_ = nats::event_consumer(kFacebook, {});
    nats::Publisher publisher_{broker_, {.ack_timeout = 30s}, log_, metrics_};
    collector::EventTable store_{options(), kFacebook};
    Probe probe_{kFacebook, log_, metrics_};
    std::unique_ptr<nats::PullConsumer> pull_;
    std::unique_ptr<Collector> collector_;
};

inline std::string event(const std::string& id) {
    return test::facebook_top(id, "2026-03-01T09:59:59.5Z");
}

}  // namespace events::collector
