// What is left of a person in files and dumps once everything is done.
#include "common/collector/segment_keeper.hpp"
#include "common/nats/pull_consumer.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "erase_fixture.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <memory>
#include <vector>

namespace events::erase {
namespace {

using namespace std::chrono_literals;

class Bytes : public EraseTest {
  protected:
    /// All our tables as pg_dump writes them.
    [[nodiscard]] std::string dump() const {
        const test::TemporaryDirectory folder;
        const auto output = folder.path() / "dump";
        const auto status = test::run({.command = {"pg_dump", "-d", database_},
                                       .environment = {},
                                       .output = output,
                                       .user = {}});
        EXPECT_EQ(status.code, 0);
        return test::read_file(output);
    }
    /// All files of the streams, one behind the other.
    [[nodiscard]] std::string stream_files() const {
        std::string all;
        for (const auto& entry : std::filesystem::recursive_directory_iterator{streams_.path()}) {
            if (entry.is_regular_file()) all += test::read_file(entry.path());
        }
        return all;
    }
    /// A user's 16 bytes as bytea is dumped: both halves stand apart, little-endian.
    static std::array<std::string, 2> halves_of(std::string_view id) {
        const auto key = segments::user_key(id);
        std::array<std::string, 2> halves;
        for (int i = 0; i < 8; ++i) {
            halves[0] += fmt::format("{:02x}", key.high >> (8 * i) & 0xff);
            halves[1] += fmt::format("{:02x}", key.low >> (8 * i) & 0xff);
        }
        return halves;
    }
    static bool has(const std::string& text, std::string_view part) {
        return text.find(part) != std::string::npos;
    }
    static bool has_anything_of(const std::string& dump, std::string_view id) {
        const auto [high, low] = halves_of(id);
        return has(dump, id) || has(dump, high) || has(dump, low);
    }
    /// Takes and acknowledges what waits, as collectors do behind the commit.
    void consume(Source source) {
        nats::PullConsumer consumer{client_.connection,
                                    {.stream = source.stream(),
                                     .durable = source.durable(),
                                     .request_expiry = 1s,
                                     .stop_patience = 20s,
                                     .forget_patience = 20s},
                                    [] {},
                                    nats::test::make_log()};
        EXPECT_TRUE(test::await([&] {
            if (auto delivery = consumer.next(200ms)) delivery->ack();
            return nats::test::messages_in(client_.jetstream, source.stream()) == 0;
        }));
        consumer.release();
    }
};

TEST_F(Bytes, AreInNoTableAndNoStreamAfterwards) {
    // Others' letters keep the file that theirs are in.
    put_letter("dead.facebook", event_of(kFacebook, kBob, "letter"));
    for (const auto id : {kAda, kEve}) {
        put_letter("dead.facebook", event_of(kFacebook, id, "letter"));
        for (const auto source : {kFacebook, kTikTok}) {
            send(source, {event_of(source, id, "waits"), event_of(source, kBob, "waits too")},
                 now());
        }
    }
    put_letter("dead.facebook", event_of(kFacebook, kBob, "another letter"));
    for (const auto id : {kAda, kEve}) {
        EXPECT_TRUE(has_anything_of(dump(), id)) << "else this test can't fail";
        EXPECT_TRUE(has(stream_files(), id));
    }
    const auto run = tool("events-erase", {"--now", std::string{kAda}, std::string{kEve}});
    ASSERT_EQ(run.code, 0) << run.text;
    for (const auto source : {kFacebook, kTikTok}) consume(source);
    const auto dumped = dump();
    for (const auto id : {kAda, kEve}) {
        EXPECT_FALSE(has_anything_of(dumped, id));
        EXPECT_TRUE(test::await([&] { return !has(stream_files(), id); }));
    }
    EXPECT_TRUE(has_anything_of(dumped, "bob/of \"Bonn\" \\ & Köln")) << "somebody else's stays";
    expect_exact();
}

// Also in a day that still gets events.
TEST_F(Bytes, LeaveTheSegmentsByThemselvesWhenTheTimeIsOver) {
    ASSERT_TRUE(erase({kAda}).is_complete);
    EXPECT_TRUE(has_anything_of(dump(), kAda));
    std::vector<std::unique_ptr<metrics::Registry>> registries;
    std::vector<std::unique_ptr<collector::SegmentKeeper>> keepers;
    for (const auto source : {kFacebook, kTikTok}) {
        registries.push_back(std::make_unique<metrics::Registry>());
        keepers.push_back(std::make_unique<collector::SegmentKeeper>(
            source, options("keeper"), nats::test::make_log(), *registries.back(),
            collector::SegmentKeeperOptions{.interval = 50ms,
                                            .limits = {.quiet = 86'400s, .signed_for = 1s}}));
        keepers.back()->start();
    }
    int round = 0;
    EXPECT_TRUE(test::await([&] {
        store_some(kFacebook, kEve, fmt::format("news-{}", ++round), 1);
        return !has_anything_of(dump(), kAda);
    }));
    for (auto& keeper : keepers) keeper->stop();
    EXPECT_FALSE(inventory(kAda).any());
    expect_exact();
}

}  // namespace
}  // namespace events::erase
