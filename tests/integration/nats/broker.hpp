#pragma once

#include "common/nats/dead_letter.hpp"
#include "common/nats/publisher.hpp"
#include "common/nats/topology.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "integration/nats/client.hpp"
#include "support/await.hpp"
#include "support/nats_server.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace events::nats::test {

/// A real broker with the suite's streams, and dead letters as the daemons write them.
class BrokerTest : public ::testing::Test {
  protected:
    BrokerTest() {
        EXPECT_TRUE(client_.connection.wait_connected(events::test::kPatience));
        for (const auto source : {kFacebook, kTikTok}) {
            client_.jetstream.ensure_stream(event_stream(source, {}));
        }
        client_.jetstream.ensure_stream(dead_letter_stream({}));
    }

    /// Writes a letter; its sequence is the number of letters so far, from 1.
    void put(DeadLetter letter) {
        const auto place = std::to_string(++written_);
        letter.discriminator = place;
        const auto fields = headers_of(letter, failed_at_);
        const auto outcome = publisher_.publish(letter.subject, fields, payload_of(letter, fields));
        ASSERT_TRUE(outcome.durable()) << outcome.error;
    }
    void put_letter(const char* subject, std::string_view raw,
                    std::string_view code = "missing_field") {
        put({.subject = subject,
             .raw = raw,
             .code = code,
             .reason = "a reason",
             .path = "data.user.name",
             .correlation_id = "c-1",
             .discriminator = {}});
    }

    [[nodiscard]] std::uint64_t messages(const std::string& stream) {
        return messages_in(client_.jetstream, stream);
    }
    [[nodiscard]] std::uint64_t letters() { return messages(kDeadLetterStream); }

    events::test::TemporaryDirectory streams_;  ///< their files
    events::test::NatsServer server_{{.store = streams_.path()}};
    Client client_{server_.url()};
    Publisher publisher_{
        client_.connection, {.ack_timeout = std::chrono::seconds{30}}, make_log(), client_.metrics};
    std::chrono::system_clock::time_point failed_at_ = std::chrono::system_clock::now();
    std::uint64_t written_ = 0;
};

}  // namespace events::nats::test
