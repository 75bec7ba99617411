#pragma once

#include "common/nats/dead_letter.hpp"
#include "common/nats/publisher.hpp"
#include "common/nats/topology.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "integration/dlq/tool.hpp"
#include "integration/nats/broker.hpp"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace events::dlq::test {

/// The tool, and letters of the gateway's.
class BrokerTest : public nats::test::BrokerTest {
  protected:
    void put_raw(std::string_view raw, std::string_view code = "missing_field") {
        put_letter(nats::kDeadLetterOfGateway, raw, code);
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

    [[nodiscard]] events::test::ToolOutput tool(const std::vector<std::string>& arguments) {
        return events::test::run_tool(server_.url(), arguments);
    }
};

}  // namespace events::dlq::test
