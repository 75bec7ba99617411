// A broker takes smaller messages than ours by default (max_payload).
#include "dead_letters.hpp"
#include "load.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/sample_events.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace events::test {
namespace {

using nlohmann::json;

/// A valid event of at least so many bytes: fields that nobody knows are ignored.
std::string large_event(const std::string& id, std::size_t bytes) {
    auto event = facebook_top(id);
    event.back() = ',';
    return event + R"("note":")" + std::string(bytes, 'n') + R"("})";
}

std::vector<StoredMessage> dead_letters(Stack& stack) {
    return read_stream(stack.nats().url(), "EVENTS_DEAD");
}

TEST(MaxPayload, IsPackedToAndCostsOnlyTheEventThatIsLarger) {
    // With max_payload: 32768 a POST of 300 ordinary events was answered 503 for ever.
    Stack stack{postgres_cluster(), {.extra = "max_payload: 32768"}};
    stack.start("gateway");
    stack.start("fb-collector");
    stack.start("ttk-collector");
    const auto ordinary = stack.post(make_batch(300).body);
    EXPECT_EQ(ordinary.status, 201U) << ordinary.body;
    EXPECT_TRUE(stack.await_rows(300));

    const auto response = stack.post("[{\"eventId\":\"bad\"}," + facebook_top("fb-a") + "," +
                                     large_event("fb-large", 100'000) + "," + tiktok_top("ttk-a") +
                                     "," + large_event("fb-fits", 30'000) + "]");
    EXPECT_EQ(response.status, 201U) << response.body;
    const auto answer = json::parse(response.body);
    EXPECT_EQ(answer.at("saved"), 3);
    EXPECT_EQ(answer.at("failed"), 2);
    const auto& errors = answer.at("errors");
    const auto found =
        std::ranges::find(errors, 2, [](const json& each) { return each.at("index").get<int>(); });
    ASSERT_NE(found, errors.end());
    const auto& error = *found;
    EXPECT_EQ(error.at("eventId"), "fb-large");
    EXPECT_EQ(error.at("code"), "too_large_for_the_broker");
    EXPECT_NE(error.at("message").get<std::string>().find("32768"), std::string::npos);
    EXPECT_TRUE(stack.await_rows(303));

    const auto letters = dead_letters(stack);
    ASSERT_EQ(letters.size(), 2U);
    const auto& letter = letters.at(1);
    EXPECT_EQ(letter.headers.at("X-Reason-Code"), "too_large_for_the_broker");
    EXPECT_GT(letter.payload.size(), 30'000U);
    EXPECT_LT(letter.payload.size(), 32'768U);
    EXPECT_TRUE(letter.payload.starts_with(facebook_top("fb-large").substr(0, 100)));
    EXPECT_EQ(letter.headers.at("X-Original-Bytes"),
              std::to_string(large_event("fb-large", 100'000).size()));
    const std::string reason = R"({reason="too_large_for_the_broker",source="facebook"})";
    EXPECT_EQ(stack.metric("gateway", "failed_events_total" + reason), 1);
    EXPECT_EQ(stack.metric("gateway", "dead_letter_events_total" + reason), 1);
}

TEST(MaxPayload, OfAnotherServerSplitsWhatWasSpooledBefore) {
    Stack stack;
    // Else it would fit, as it repeats one letter.
    stack.start("gateway", {{"MESSAGE_COMPRESSION", "none"}});
    stack.start("fb-collector");
    stack.start("ttk-collector");
    stack.nats().kill();
    EXPECT_EQ(stack.post(make_batch(500).body).status, 202U);
    EXPECT_EQ(
        stack.post("[" + large_event("fb-large", 50'000) + "," + facebook_top("fb-a") + "]").status,
        202U);
    EXPECT_EQ(stack.post("[\"" + std::string(40'000, 'x') + "\"]").status, 201U);  // a dead letter
    stack.nats().configure("max_payload: 16384");
    stack.nats().restart();

    EXPECT_TRUE(await([&] { return stack.metric("gateway", "spool_files") == 0; }));
    EXPECT_TRUE(stack.await_rows(501));
    const auto letters = dead_letters(stack);
    ASSERT_EQ(letters.size(), 2U);
    EXPECT_EQ(letters.at(0).headers.at("X-Reason-Code"), "too_large_for_the_broker");
    EXPECT_TRUE(letters.at(0).payload.starts_with(facebook_top("fb-large").substr(0, 100)));
    EXPECT_EQ(letters.at(1).headers.at("X-Reason-Code"), "not_an_object");
    for (const auto& letter : letters) EXPECT_GT(letter.payload.size(), 15'000U);
    EXPECT_EQ(
        stack.metric(
            "gateway",
            R"(dead_letter_events_total{reason="too_large_for_the_broker",source="unknown"})"),
        1);
    EXPECT_EQ(stack.post(make_batch(300, 7).body).status, 201U);  // packed to the new server's
    EXPECT_TRUE(stack.await_rows(801));
}

}  // namespace
}  // namespace events::test
