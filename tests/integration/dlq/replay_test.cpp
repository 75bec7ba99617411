// Replays on a real broker, without collectors: what they put into the streams, and what stays.
#include "common/nats/stream_reader.hpp"
#include "common/sources/facebook.hpp"
#include "dlq/letter_json.hpp"
#include "integration/dlq/broker.hpp"
#include "support/sample_events.hpp"
#include "support/tcp_proxy.hpp"

#include <gmock/gmock.h>

#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace events::dlq::test {
namespace {

using events::test::await;
using events::test::facebook_top;
using events::test::kPatience;
using events::test::tiktok_top;
using ::testing::HasSubstr;

class ReplayTest : public BrokerTest {
  protected:
    [[nodiscard]] std::uint64_t stored() {
        return messages("EVENTS_FACEBOOK") + messages("EVENTS_TIKTOK");
    }
    /// A file with the exported letters, each line changed by `edit`.
    template <typename Edit>
    std::string edited(Edit edit) {
        const auto exported = tool({"export"});
        const auto path = folder_.path() / "edited.ndjson";
        std::ofstream file{path};
        for (auto& object : exported.objects()) {
            edit(object);
            file << object.dump() << "\n";
        }
        return path.string();
    }
    /// As many letters, each a valid event of its own.
    void put_events(int count) {
        std::vector<std::string> raws;
        for (int i = 0; i < count; ++i) raws.push_back(facebook_top("fb-" + std::to_string(i)));
        put_all(raws);
    }

    /// Begins a replay of `kLetters` letters that takes many seconds: each deletion waits for its
    /// answer, and `slow_` delays both.
    events::test::Process start_slow_replay() {
        put_events(kLetters);
        slow_.set(events::test::ProxyMode::delay, std::chrono::milliseconds{3});
        return events::test::start_tool("nats://127.0.0.1:" + std::to_string(slow_.port()),
                                        {"replay", "--apply"}, output_);
    }

    static constexpr int kLetters = 2'000;
    events::test::TcpProxy slow_{server_.port()};
    events::test::TemporaryDirectory folder_;
    std::filesystem::path output_ = folder_.path() / "output";
};

TEST_F(ReplayTest, OnlySaysWhatItWouldDo) {
    put_raw(facebook_top("fb-1"));
    put_raw(R"({"eventId":"fb-2"})");
    put_raw(facebook_top("fb-1"));
    const std::string large(nats::kMaxMessageBytes + 1, 'x');
    put_raw(large, "too_large");
    const auto planned = tool({"replay"});
    EXPECT_EQ(planned.code, 0);
    EXPECT_THAT(planned.text, HasSubstr("1  replayable      1 event to events.facebook"));
    EXPECT_THAT(planned.text, HasSubstr("2  still invalid   missing_field at timestamp"));
    EXPECT_THAT(planned.text, HasSubstr("3  duplicate"));
    EXPECT_THAT(planned.text, HasSubstr("4  cut             262144 of 262145 bytes"));
    EXPECT_THAT(planned.last_line(), HasSubstr("2 replayable (2 events)"));
    EXPECT_EQ(letters(), 4U);
    EXPECT_EQ(stored(), 0U);
}

TEST_F(ReplayTest, PublishesWhatIsValidAndLeavesTheRest) {
    put_raw(facebook_top("fb-1"));
    put_raw(R"({"eventId":"fb-2"})");
    put_raw(tiktok_top("ttk-1"));
    const auto replayed = tool({"replay", "--apply"});
    EXPECT_EQ(replayed.code, 1) << "a letter stayed";
    EXPECT_THAT(replayed.last_line(), HasSubstr("2 replayed (2 events), 1 still invalid"));
    EXPECT_EQ(letters(), 1U);
    EXPECT_EQ(messages("EVENTS_FACEBOOK"), 1U);
    EXPECT_EQ(messages("EVENTS_TIKTOK"), 1U);
    // A second time there is nothing left to do.
    EXPECT_THAT(tool({"replay", "--apply"}).last_line(), HasSubstr("0 replayed (0 events)"));
    EXPECT_EQ(stored(), 2U);
    EXPECT_EQ(tool({"replay", "--apply", "--reason", "wrong_type"}).code, 0) << "none was chosen";
}

TEST_F(ReplayTest, HasALineForTheFirstLettersAndSumsOfTheOthers) {
    for (int i = 0; i < 50; ++i) put_raw(R"({"eventId":"fb-2"})");
    for (int i = 0; i < 3; ++i) put_raw("[]", "not_an_object");
    for (int i = 0; i < 2; ++i) put_raw(facebook_top("fb-" + std::to_string(i)));
    const auto planned = tool({"replay"});
    EXPECT_EQ(std::ranges::count(planned.text, '\n'), 50 + 2 + 1) << planned.text;
    EXPECT_THAT(planned.text, HasSubstr("50  still invalid   missing_field at timestamp"));
    EXPECT_THAT(planned.text, HasSubstr("        2  more replayable\n"));
    EXPECT_THAT(planned.text, HasSubstr("        3  more still invalid (not_an_object)\n"));
    const auto replayed = tool({"replay", "--apply"});
    EXPECT_THAT(replayed.text, HasSubstr("        3  more still invalid (not_an_object)\n"));
    EXPECT_THAT(replayed.last_line(), HasSubstr("2 replayed (2 events), 53 still invalid"));
}

TEST_F(ReplayTest, LosesNoEventThatACollectorRefusesAgain) {
    // By the event's own id the second replay would be a duplicate within JetStream's window, and
    // its letter deleted, although the collector took the first one out of the stream.
    put_raw(facebook_top("fb-1"), "refused_by_database");
    ASSERT_EQ(tool({"replay", "--apply"}).code, 0);
    EXPECT_EQ(client_.jetstream.purge_stream("EVENTS_FACEBOOK", 1), 1U) << "as a collector does";
    put_raw(facebook_top("fb-1"), "refused_by_database");
    ASSERT_EQ(tool({"replay", "--apply"}).code, 0);
    EXPECT_EQ(messages("EVENTS_FACEBOOK"), 1U);
    EXPECT_EQ(letters(), 0U);
}

TEST_F(ReplayTest, TakesABodyApart) {
    put_raw(facebook_top("fb-1") + "\n" + R"({"eventId":"fb-2"})" + "\n" + tiktok_top("ttk-1"),
            "malformed_body");
    put_raw("[" + facebook_top("fb-3") + ",", "malformed_body");
    EXPECT_THAT(tool({"replay"}).text, HasSubstr("1 letter of their own"));
    EXPECT_EQ(tool({"replay", "--apply"}).code, 1);
    EXPECT_EQ(stored(), 2U);
    const auto left = tool({"export"}).objects();
    ASSERT_EQ(left.size(), 2U);
    EXPECT_EQ(left[0]["sequence"], 2) << "no body at all: it stays whole";
    EXPECT_EQ(left[1]["raw"], R"({"eventId":"fb-2"})");
    EXPECT_EQ(left[1]["code"], "missing_field");
    EXPECT_EQ(left[1]["correlationId"], "c-1");
}

TEST_F(ReplayTest, ReplaysWhatWasCorrectedByHand) {
    const std::string large(nats::kMaxMessageBytes + 1, 'x');
    put_raw(R"({"eventId":"fb-1"})");
    put_raw(R"({"eventId":"fb-2"})");
    put_raw(large, "too_large");
    const auto file = edited([](nlohmann::json& letter) {
        if (letter["sequence"] != 2) letter["raw"] = facebook_top("fb-1") + "\n";
    });
    EXPECT_EQ(tool({"replay", "--edited", file}).code, 0);
    EXPECT_EQ(letters(), 3U) << "nothing without --apply";
    const auto replayed = tool({"replay", "--edited", file, "--apply"});
    EXPECT_EQ(replayed.code, 1);
    EXPECT_THAT(replayed.text, HasSubstr("2  still invalid"));
    EXPECT_EQ(letters(), 1U);
    EXPECT_EQ(stored(), 2U);
    // A second time: settled lines are named and do no harm.
    const auto again = tool({"replay", "--edited", file, "--apply"});
    EXPECT_THAT(again.text, HasSubstr("1  gone"));
    EXPECT_THAT(again.last_line(), HasSubstr("0 replayed (0 events), 1 still invalid"));
    EXPECT_EQ(stored(), 2U);
}

TEST_F(ReplayTest, AppliesNothingOfAFileWithASlipInIt) {
    put_raw(R"({"eventId":"fb-1"})");
    const auto file = edited([](nlohmann::json& letter) { letter["raw"] = facebook_top("fb-1"); });
    std::ofstream{file, std::ios::app} << "{\"sequence\":2,\n";
    const auto replayed = tool({"replay", "--edited", file, "--apply"});
    EXPECT_EQ(replayed.code, 1);
    EXPECT_THAT(replayed.text, HasSubstr("line 2: it is not JSON"));
    EXPECT_EQ(letters(), 1U);
    EXPECT_EQ(stored(), 0U);
}

TEST_F(ReplayTest, DoesNotSettleAnotherLetterOfTheSameSequence) {
    put_raw(R"({"eventId":"fb-1"})");
    const auto file = edited([](nlohmann::json& letter) {
        letter["raw"] = facebook_top("fb-1");
        letter["failedAt"] = "2026-01-01T00:00:00.000000Z";
    });
    EXPECT_EQ(tool({"replay", "--edited", file, "--apply"}).code, 1);
    EXPECT_EQ(letters(), 1U);
    EXPECT_EQ(stored(), 0U);
}

TEST_F(ReplayTest, KeepsTheLetterWhenTheStreamDoesNotTakeItsEvent) {
    auto config = nats::event_stream(kFacebook, {});
    config.max_bytes = 100;  // discard new
    client_.jetstream.ensure_stream(config);
    put_raw(facebook_top("fb-1"));
    const auto replayed = tool({"replay", "--apply"});
    EXPECT_EQ(replayed.code, 1);
    EXPECT_THAT(replayed.text, HasSubstr("1  failed          maximum bytes exceeded"));
    EXPECT_EQ(letters(), 1U);
}

TEST_F(ReplayTest, StopsBetweenLettersWhenItIsInterrupted) {
    auto process = start_slow_replay();
    ASSERT_TRUE(await([&] { return letters() < kLetters; }));
    const auto status = process.stop(SIGINT, kPatience);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->code, 1);
    EXPECT_THAT(events::test::read_file(output_), HasSubstr("; interrupted"));
    const auto left = letters();
    EXPECT_GT(left, 0U) << "it was done before the signal came";
    EXPECT_EQ(stored(), kLetters - left) << "what was published is settled, and nothing else";
    EXPECT_EQ(tool({"replay", "--apply"}).code, 0);
    EXPECT_EQ(letters(), 0U);
    EXPECT_EQ(stored(), std::uint64_t{kLetters});
}

TEST_F(ReplayTest, IsUnavailableWhenTheBrokerGoesAwayAndGoesOnLater) {
    auto process = start_slow_replay();
    ASSERT_TRUE(await([&] { return letters() < kLetters; }));
    const auto generation = client_.connection.generation();
    server_.kill();
    const auto status = process.wait(kPatience);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->code, 69) << events::test::read_file(output_);
    server_.start();
    ASSERT_TRUE(nats::test::await_another(client_.connection, generation));
    ASSERT_TRUE(await([&] { return tool({"replay", "--apply"}).code == 0; }));
    EXPECT_EQ(letters(), 0U);
    EXPECT_EQ(stored(), std::uint64_t{kLetters}) << "JetStream knows what it has by its id";
}

}  // namespace
}  // namespace events::dlq::test
