#pragma once

#include "common/nats/dead_letter.hpp"
#include "common/nats/publisher.hpp"
#include "common/nats/topology.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "integration/dlq/tool.hpp"
#include "integration/nats/client.hpp"
#include "support/await.hpp"
#include "support/nats_server.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace events::dlq::test {

/// A real broker with the suite's streams, and dead letters as the daemons write them.
class BrokerTest : public ::testing::Test {
  protected:
    BrokerTest() {
        EXPECT_TRUE(client_.connection.wait_connected(events::test::kPatience));
        for (const auto source : {kFacebook, kTikTok}) {
            client_.jetstream.ensure_stream(nats::event_stream(source, {}));
        }
        client_.jetstream.ensure_stream(nats::dead_letter_stream({}));
    }

    /// Writes a letter; its sequence is the number of letters so far, from 1.
    void put(nats::DeadLetter letter) {
        const auto place = std::to_string(++written_);
        letter.discriminator = place;
        const auto fields = nats::headers_of(letter, failed_at_);
        const auto outcome =
            publisher_.publish(letter.subject, fields, nats::payload_of(letter, fields));
        ASSERT_TRUE(outcome.durable()) << outcome.error;
    }
    void put_raw(std::string_view raw, std::string_view code = "missing_field") {
        put({.subject = nats::kDeadLetterOfGateway,
             .raw = raw,
             .code = code,
             .reason = "a reason",
             .path = "data.user.name",
             .correlation_id = "c-1",
             .discriminator = {}});
    }
    /// Writes many at once.
    void put_all(const std::vector<std::string>& raws) {
        const auto answered = std::make_shared<std::promise<nats::PublishOutcomes>>();
        auto outcomes = answered->get_future();
        auto batch = publisher_.start(
            [answered](nats::PublishOutcomes all) { answered->set_value(std::move(all)); });
        for (const auto& raw : raws) {
            const auto place = std::to_string(++written_);
            const nats::DeadLetter letter{.subject = nats::kDeadLetterOfGateway,
                                          .raw = raw,
                                          .code = "missing_field",
                                          .reason = "a reason",
                                          .path = "data.user.name",
                                          .correlation_id = "c-1",
                                          .discriminator = place};
            publisher_.wait_for_room();
            batch.add(letter.subject, nats::headers_of(letter, failed_at_), raw);
        }
        batch.finish();
        for (const auto& outcome : outcomes.get()) ASSERT_TRUE(outcome.durable()) << outcome.error;
    }

    [[nodiscard]] std::uint64_t messages(const std::string& stream) {
        return nats::test::messages_in(client_.jetstream, stream);
    }
    [[nodiscard]] std::uint64_t letters() { return messages(nats::kDeadLetterStream); }

    [[nodiscard]] events::test::ToolOutput tool(const std::vector<std::string>& arguments) {
        return events::test::run_tool(server_.url(), arguments);
    }

    events::test::NatsServer server_;
    nats::test::Client client_{server_.url()};
    nats::Publisher publisher_{client_.connection,
                               {.ack_timeout = std::chrono::seconds{30}},
                               nats::test::make_log(),
                               client_.metrics};
    std::chrono::system_clock::time_point failed_at_ = std::chrono::system_clock::now();
    std::uint64_t written_ = 0;
};

}  // namespace events::dlq::test
