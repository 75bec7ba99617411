// What a sender that never retries is promised while JetStream can't take its events.
#include "dead_letters.hpp"
#include "load.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"

#include <gtest/gtest.h>

#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <thread>
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

/// A gateway that obeys permissions; root's may write anywhere.
class UnprivilegedGateway {
  public:
    UnprivilegedGateway(Stack& stack, const Variables& variables) {
        std::promise<void> started;
        thread_ = std::jthread{[&, ended = ended_.get_future()] {
            // A thread drops it for what it starts, and what it started ends with it.
            ::prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE);
            try {
                stack.start("gateway", variables);
                started.set_value();
            } catch (...) {
                started.set_exception(std::current_exception());
            }
            ended.wait();
        }};
        started.get_future().get();
    }
    ~UnprivilegedGateway() { ended_.set_value(); }
    UnprivilegedGateway(const UnprivilegedGateway&) = delete;
    UnprivilegedGateway& operator=(const UnprivilegedGateway&) = delete;

  private:
    std::promise<void> ended_;
    std::jthread thread_;
};

/// Until its end nothing can be made in a folder, nor removed, as on a read-only file system.
class ReadOnly {
  public:
    explicit ReadOnly(std::filesystem::path folder) : folder_{std::move(folder)} {
        set(std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    }
    ~ReadOnly() { set(std::filesystem::perms::owner_all); }
    ReadOnly(const ReadOnly&) = delete;
    ReadOnly& operator=(const ReadOnly&) = delete;

  private:
    void set(std::filesystem::perms permissions) const {
        std::filesystem::permissions(folder_, permissions);
    }

    std::filesystem::path folder_;
};

/// A part of /readiness that is down: why; empty when it is up.
std::string problem(Stack& stack, const std::string& part) {
    const auto readiness = json::parse(stack.get("gateway", "/readiness").body);
    return readiness.at("details").at(part).value("message", "");
}

bool has_logged(Stack& stack, std::string_view message, std::string_view error) {
    return std::ranges::any_of(stack.log("gateway"), [&](const json& line) {
        return line.at("msg").get<std::string>().find(message) != std::string::npos &&
               line.value("err", "").find(error) != std::string::npos;
    });
}

double processed(Stack& stack) {
    return stack.metric("gateway", R"(processed_events_total{source="facebook"})") +
           stack.metric("gateway", R"(processed_events_total{source="tiktok"})");
}

const Variables kReadyWhileSpooling{{"READY_WHILE_SPOOLING", "on"}};

TEST(Spool, TakesWhatComesWhileNatsIsAwayAndPublishesItOnce) {
    Stack stack;
    stack.start("gateway");
    start_collectors(stack);
    stack.nats().kill();
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        EXPECT_EQ(spooled(stack.post(make_batch(500, seed).body)), 500U);
    }
    EXPECT_EQ(stack.metric("gateway", "spool_files"), 3);
    EXPECT_GT(stack.metric("gateway", "spool_bytes"), 1'500 * 50);
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
    // The gateway looks every two seconds, and may have made it again before the events came.
    http::ClientResponse response;
    ASSERT_TRUE(await([&] {
        delete_stream(stack.nats().url(), "EVENTS_TIKTOK");
        response = stack.post(make_batch(50).body);
        return response.status != 201;
    }));
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

// Files were removed before the gateway let go of its hold: all that came got 503 for ever, while
// the broker was there and readiness said 200.
TEST(Spool, ThatCanNotBeEmptiedHoldsNothingUp) {
    Stack stack;
    const UnprivilegedGateway gateway{stack, kReadyWhileSpooling};
    stack.nats().kill();
    EXPECT_EQ(spooled(stack.post(make_batch(100, 1).body)), 100U);
    EXPECT_EQ(spooled(stack.post(make_batch(100, 2).body)), 100U);
    {
        const ReadOnly folder{stack.spool_folder("gateway")};
        EXPECT_EQ(stack.post(make_batch(10, 3).body).status, 503U);
        EXPECT_TRUE(await([&] { return !stack.is_ready("gateway"); }));
        EXPECT_NE(problem(stack, "events").find("Permission denied"), std::string::npos);
        EXPECT_NE(problem(stack, "spool"), "");

        stack.nats().restart();
        EXPECT_TRUE(await([&] { return stack.is_ready("gateway"); }));
        // Until then one source's events of a POST may go past the spool, and the other's not.
        EXPECT_TRUE(await([&] { return stack.metric("gateway", "spool_published_files") == 2; }));
        EXPECT_TRUE(await([&] { return stack.post(make_batch(10, 4).body).status == 201; }));
        for (std::uint64_t seed = 5; seed < 25; ++seed) {
            EXPECT_EQ(stack.post(make_batch(10, seed).body).status, 201U);
        }
        EXPECT_EQ(stack.metric("gateway", "spool_files"), 0);
        EXPECT_EQ(problem(stack, "events"), "");
        EXPECT_NE(problem(stack, "spool"), "") << "told of, and no reason to be unready";
        EXPECT_TRUE(await([&] { return has_logged(stack, "from being emptied", "denied"); }));
        start_collectors(stack);
        EXPECT_TRUE(stack.await_rows(410));
        EXPECT_EQ(processed(stack), 410) << "each is published once";
    }
    EXPECT_TRUE(await([&] { return stack.metric("gateway", "spool_published_files") == 0; }));
    EXPECT_EQ(stack.metric("gateway", "spool_bytes"), 0);
    EXPECT_TRUE(await([&] { return problem(stack, "spool").empty(); }));
    EXPECT_TRUE(stack.await_rows(410));
}

TEST(Spool, ThatCanNotBeEmptiedIsPublishedAgainAfterARestartAndStoredOnce) {
    Stack stack;
    const UnprivilegedGateway gateway{stack, {}};
    stack.nats().kill();
    EXPECT_EQ(spooled(stack.post(make_batch(100).body)), 100U);
    {
        const ReadOnly folder{stack.spool_folder("gateway")};
        stack.nats().restart();
        EXPECT_TRUE(await([&] { return stack.metric("gateway", "spool_published_files") == 1; }));
        stack.kill("gateway");
    }
    stack.start("gateway");
    EXPECT_TRUE(is_drained(stack));
    start_collectors(stack);
    EXPECT_TRUE(stack.await_rows(100));
}

// A file that the disk does not give stopped all that came behind it. /proc/self/mem gives EIO.
TEST(Spool, OfAFileThatTheDiskDoesNotGiveIsPublishedAllButThat) {
    Stack stack;
    stack.start("gateway");
    stack.nats().kill();
    EXPECT_EQ(spooled(stack.post(make_batch(10, 1).body)), 10U);
    EXPECT_EQ(spooled(stack.post(make_batch(10, 2).body)), 10U);
    const auto file = stack.spool_folder("gateway") / "00000000000000000001.spool";
    const auto kept = stack.spool_folder("gateway") / "kept";
    std::filesystem::rename(file, kept);
    std::filesystem::create_symlink("/proc/self/mem", file);
    stack.nats().restart();
    start_collectors(stack);
    EXPECT_TRUE(await([&] { return stack.metric("gateway", "spool_files") == 1; }));
    EXPECT_TRUE(stack.await_rows(10));
    EXPECT_TRUE(await([&] { return has_logged(stack, "from being emptied", "Input/output"); }));
    EXPECT_EQ(stack.post(make_batch(10, 3).body).status, 201U);
    std::filesystem::rename(kept, file);
    EXPECT_TRUE(is_drained(stack));
    EXPECT_TRUE(stack.await_rows(30));
}

// Whoever moved the folder away got all later events, too, and their senders a 202.
TEST(Spool, ThatWasMovedUnderTheGatewayTakesNothingAndSaysSo) {
    Stack stack;
    stack.start("gateway", kReadyWhileSpooling);
    stack.nats().kill();
    EXPECT_EQ(spooled(stack.post(make_batch(10, 1).body)), 10U);
    const auto folder = stack.spool_folder("gateway");
    const auto away = folder.string() + "-away";
    std::filesystem::rename(folder, away);
    for (const bool another_is_there : {false, true}) {
        if (another_is_there) std::filesystem::create_directory(folder);
        EXPECT_EQ(stack.post(make_batch(10, 2).body).status, 503U);
        EXPECT_TRUE(await([&] { return !stack.is_ready("gateway"); }));
        EXPECT_NE(problem(stack, "events").find(folder.string()), std::string::npos);
        EXPECT_TRUE(
            await([&] { return has_logged(stack, "can't take events", "moved, deleted"); }));
    }
    std::filesystem::remove(folder);
    std::filesystem::rename(away, folder);
    EXPECT_TRUE(await([&] { return stack.is_ready("gateway"); }));
    EXPECT_EQ(spooled(stack.post(make_batch(10, 3).body)), 10U);
    stack.nats().restart();
    start_collectors(stack);
    EXPECT_TRUE(stack.await_rows(20));
    EXPECT_TRUE(is_drained(stack));
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
    EXPECT_EQ(stack.wait_end("gateway").code, 78) << "the configuration is wrong";
}

}  // namespace
}  // namespace events::test
