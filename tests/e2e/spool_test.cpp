// What a sender that never retries is promised while JetStream can't take its events.
#include "dead_letters.hpp"
#include "load.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"

#include <gtest/gtest.h>

#include <signal.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

namespace events::test {
namespace {

using nlohmann::json;

std::uint64_t spooled(const http::ClientResponse& response) {
    EXPECT_EQ(response.status, 202U) << response.body;
    const auto body = json::parse(response.body);
    EXPECT_LE(body.at("spooled"), body.at("saved"));
    return body.value("spooled", std::uint64_t{0});
}

bool is_drained(Stack& stack) {
    return await([&] { return stack.metric("gateway", "spool_files") == 0; });
}

void start_collectors(Stack& stack) {
    stack.start("fb-collector");
    stack.start("ttk-collector");
}

TEST(Spool, TakesWhatComesWhileNatsIsAwayAndPublishesItOnce) {
    Stack stack;
    stack.start("gateway");
    start_collectors(stack);
    stack.nats().kill();
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        EXPECT_EQ(spooled(stack.post(make_batch(500, seed).body)), 500U);
    }
    EXPECT_EQ(stack.metric("gateway", "spool_files"), 3);
    EXPECT_GT(stack.metric("gateway", "spool_bytes"), 1'500 * 300);
    EXPECT_TRUE(await([&] { return stack.metric("gateway", "spool_oldest_age_seconds") > 0; }));

    stack.nats().restart();
    EXPECT_TRUE(is_drained(stack));
    EXPECT_TRUE(stack.await_rows(1'500));
    EXPECT_EQ(stack.metric("gateway", R"(processed_events_total{source="facebook"})") +
                  stack.metric("gateway", R"(processed_events_total{source="tiktok"})"),
              1'500);
    EXPECT_EQ(stack.metric("gateway", "spool_bytes"), 0);
    EXPECT_EQ(stack.post(make_batch(10, 9).body).status, 201U);
}

TEST(Spool, IsWhereAHangingBrokersEventsGo) {
    Stack stack;
    stack.start("gateway", {{"ACK_TIMEOUT_MS", "500"}});
    start_collectors(stack);
    stack.nats().freeze();
    EXPECT_EQ(spooled(stack.post(make_batch(20, 1).body)), 20U);
    EXPECT_EQ(spooled(stack.post(make_batch(20, 2).body)), 20U);
    stack.nats().resume();
    EXPECT_TRUE(is_drained(stack));
    EXPECT_TRUE(stack.await_rows(40));  // the frozen broker took the first ones, too
}

TEST(Spool, SurvivesTheGatewaysDeath) {
    Stack stack;
    stack.start("gateway");
    stack.nats().kill();
    EXPECT_EQ(spooled(stack.post(make_batch(300).body)), 300U);
    stack.kill("gateway");
    stack.nats().restart();
    stack.start("gateway");
    start_collectors(stack);
    EXPECT_TRUE(stack.await_rows(300));
    EXPECT_TRUE(is_drained(stack));
}

TEST(Spool, IsThereBeforeTheFirstConnectionToNats) {
    Stack stack;
    stack.nats().kill();
    stack.start("gateway", {}, false);
    EXPECT_EQ(spooled(stack.post(make_batch(30).body)), 30U);
    EXPECT_FALSE(stack.is_ready("gateway"));
    stack.nats().restart();
    start_collectors(stack);
    EXPECT_TRUE(stack.await_rows(30));
}

TEST(Spool, KeepsTheGatewayReadyWhereItIsAskedTo) {
    Stack stack;
    stack.nats().kill();
    stack.start("gateway", {{"READY_WHILE_SPOOLING", "on"}});
    const auto readiness = json::parse(stack.get("gateway", "/readiness").body);
    EXPECT_EQ(readiness.at("status"), "ok");
    EXPECT_EQ(readiness.at("details").at("nats").at("status"), "down");
    EXPECT_EQ(spooled(stack.post(make_batch(5).body)), 5U);
}

TEST(Spool, KeepsInvalidEventsForTheDeadLetters) {
    Stack stack;
    stack.start("gateway");
    stack.nats().kill();
    const auto valid = make_batch(1).body;  // [ event ]
    const auto mixed = stack.post(valid.substr(0, valid.size() - 1) + R"(,{"eventId":"bad"}])");
    EXPECT_EQ(spooled(mixed), 1U);
    EXPECT_EQ(json::parse(mixed.body).at("failed"), 1);
    // Nothing but invalid ones: all of them are kept, and there is nothing to wait for.
    EXPECT_EQ(stack.post(R"([{"eventId":"worse"}])").status, 201U);
    EXPECT_EQ(stack.post("{").status, 400U);
    EXPECT_EQ(stack.post("[]").status, 201U);
    EXPECT_EQ(stack.metric("gateway", "spool_files"), 3);

    stack.nats().restart();
    EXPECT_TRUE(is_drained(stack));
    std::vector<std::string> kept;
    for (const auto& letter : read_stream(stack.nats().url(), "EVENTS_DEAD")) {
        kept.push_back(letter.payload);
    }
    EXPECT_EQ(kept,
              (std::vector<std::string>{R"({"eventId":"bad"})", R"({"eventId":"worse"})", "{"}));
}

TEST(Spool, OfOneFullStreamDoesNotHoldTheOtherUp) {
    Stack stack;
    stack.start("gateway", {{"STREAM_MAX_BYTES", "1MiB"}, {"SPOOL_MAX_BYTES", "2MiB"}});
    stack.start("ttk-collector", {{"STREAM_MAX_BYTES", "1MiB"}});
    // Facebook's stream fills up, then the spool, then nothing is taken any more.
    std::uint64_t saved = 0;
    unsigned status = 0;
    for (std::uint64_t seed = 1; status != 503; ++seed) {
        ASSERT_LT(seed, 100U);
        const auto response = stack.post(make_batch(1'000, seed).body);
        status = response.status;
        saved += json::parse(response.body).at("saved").get<std::uint64_t>();
    }
    EXPECT_GT(stack.metric("gateway", R"(spooled_events_total{source="facebook"})"), 0);
    const auto tiktok = [&](const std::string& name, const std::string& labels = {}) {
        return stack.metric("gateway", name + "{" + labels + R"(source="tiktok"})");
    };
    EXPECT_TRUE(await([&] {
        return tiktok("processed_events_total") ==
               tiktok("accepted_events_total") -
                   tiktok("failed_events_total", R"(reason="refused_by_jetstream",)");
    }));
    EXPECT_GT(stack.metric("gateway", "spool_files"), 0);

    stack.start("fb-collector", {{"STREAM_MAX_BYTES", "1MiB"}});
    EXPECT_TRUE(is_drained(stack));
    EXPECT_TRUE(stack.await_rows(saved));
    EXPECT_EQ(stack.post(make_batch(10, 999).body).status, 201U);
}

TEST(Spool, OfAMissingStreamIsDrainedWhenItIsThereAgain) {
    Stack stack;
    stack.start("gateway");
    delete_stream(stack.nats().url(), "EVENTS_TIKTOK");
    const auto response = stack.post(make_batch(50).body);
    EXPECT_GT(spooled(response), 0U);
    EXPECT_TRUE(await([&] {
        return std::ranges::any_of(stack.log("gateway"), [](const json& line) {
            return line.at("level") == 50 && line.value("what", "") == "stream EVENTS_TIKTOK";
        });
    }));
    start_collectors(stack);
    EXPECT_TRUE(is_drained(stack));
    EXPECT_TRUE(stack.await_rows(50));
}

TEST(Spool, BelongsToOneGateway) {
    Stack stack;
    stack.start("gateway");
    const auto output = stack.log_file("second");
    Process second{{.command = {(bin_directory() / "gateway").string()},
                    .environment = {{"PORT", "0"},
                                    {"HOST", "127.0.0.1"},
                                    {"NATS_URL", stack.nats().url()},
                                    {"SPOOL_DIR", stack.spool_folder("gateway").string()}},
                    .output = output,
                    .user = std::nullopt}};
    const auto status = second.wait(kPatience);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->code, 1);
    EXPECT_NE(read_file(output).find("belongs to another gateway"), std::string::npos);
    EXPECT_EQ(stack.post(make_batch(5).body).status, 201U);  // the first one is as it was
}

TEST(Spool, OfAKilledGatewayIsPublishedOnceByAnotherOnItsFolder) {
    Stack stack;
    const Variables shared{{"SPOOL_DIR", stack.spool_folder("shared").string()},
                           {"SPOOL_INSTANCES", "2"},
                           {"SPOOL_ADOPTION_INTERVAL_MS", "100"}};
    stack.start("gateway", shared);
    stack.start_twin("gateway", true, shared);
    const auto output = stack.log_file("third");
    Variables third{{"PORT", "0"}, {"HOST", "127.0.0.1"}, {"NATS_URL", stack.nats().url()}};
    third.insert(shared.begin(), shared.end());
    EXPECT_EQ(run({.command = {(bin_directory() / "gateway").string()},
                   .environment = third,
                   .output = output,
                   .user = std::nullopt})
                  .code,
              1);
    EXPECT_NE(read_file(output).find("as many as SPOOL_INSTANCES allows"), std::string::npos);

    stack.nats().kill();
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        EXPECT_EQ(spooled(stack.post(make_batch(100, seed).body)), 100U);
    }
    EXPECT_EQ(stack.metric("gateway-twin", "spool_files"), 0);  // the other one lives
    stack.kill("gateway");
    EXPECT_TRUE(await([&] { return stack.metric("gateway-twin", "spool_files") == 5; }));

    stack.nats().restart();
    start_collectors(stack);
    EXPECT_TRUE(stack.await_rows(500));
    EXPECT_TRUE(await([&] { return stack.metric("gateway-twin", "spool_files") == 0; }));
    EXPECT_EQ(stack.metric("gateway-twin", R"(processed_events_total{source="facebook"})") +
                  stack.metric("gateway-twin", R"(processed_events_total{source="tiktok"})"),
              500);
}

TEST(Spool, WithoutAPlaceStopsTheStart) {
    Stack stack;
    const auto file = stack.log_file("file");
    std::ofstream{file} << "not a folder";
    EXPECT_THROW(stack.start("gateway", {{"SPOOL_DIR", (file / "spool").string()}}),
                 std::runtime_error);
    EXPECT_EQ(stack.wait_end("gateway").code, 1);
}

}  // namespace
}  // namespace events::test
