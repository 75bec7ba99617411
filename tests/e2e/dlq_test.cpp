// Dead letters from the gateway and the collectors, and their way back into the tables.
#include "common/events/time.hpp"
#include "common/http/correlation_id.hpp"
#include "common/nats/topology.hpp"
#include "dead_letters.hpp"
#include "integration/dlq/tool.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/jetstream_api.hpp"
#include "support/nats_connect.hpp"
#include "support/sample_events.hpp"
#include "support/tcp_proxy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <fstream>

namespace events::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::HasSubstr;

/// A valid event but for its user's name, which is no string.
std::string broken(const std::string& id) {
    auto event = facebook_top(id);
    const std::string name = R"("name":"Ada Lovelace")";
    event.replace(event.find(name), name.size(), R"("name":7)");
    return event;
}

class DeadLettersTest : public ::testing::Test {
  protected:
    [[nodiscard]] ToolOutput tool(const std::vector<std::string>& arguments) {
        return run_tool(stack_.nats().url(), arguments);
    }
    [[nodiscard]] std::vector<StoredMessage> letters() {
        return read_stream(stack_.nats().url(), "EVENTS_DEAD");
    }
    [[nodiscard]] bool await_letters(std::size_t count) {
        return await([&] { return letters().size() == count; });
    }
    /// Exports the letters, corrects every broken name, and gives the file's name.
    std::string corrected() {
        const auto exported = (folder_.path() / "letters.ndjson").string();
        EXPECT_EQ(tool({"export", "--output", exported}).code, 0);
        auto text = read_file(exported);
        const std::string wrong = R"(\"name\":7)";
        for (auto at = text.find(wrong); at != std::string::npos; at = text.find(wrong)) {
            text.replace(at, wrong.size(), R"(\"name\":\"Ada\")");
        }
        std::ofstream{exported} << text;
        return exported;
    }

    Stack stack_;
    TemporaryDirectory folder_;
};

/// What every letter must say, whoever wrote it.
void expect_usable(const StoredMessage& letter, const std::string& code, const std::string& path,
                   const std::string& correlation_id) {
    const auto header = [&](const char* name) {
        const auto found = letter.headers.find(name);
        return found == letter.headers.end() ? std::string{} : found->second;
    };
    EXPECT_EQ(header("X-Reason-Code"), code);
    EXPECT_EQ(header("X-Path"), path) << code;
    EXPECT_EQ(header("X-Correlation-Id"), correlation_id) << code;
    EXPECT_NE(header("X-Reason"), "") << code;
    EXPECT_TRUE(parse_timestamp(header("X-Failed-At"))) << code;
    EXPECT_EQ(header("Nats-Msg-Id").size(), 32U) << code;
}

/// Puts bytes into a stream that the gateway would not have let through.
void publish(const std::string& url, const char* subject, const std::string& payload,
             const char* correlation_id) {
    const auto connection = connect_to_nats(url);
    natsMsg* raw_message = nullptr;
    nats::check(natsMsg_Create(&raw_message, subject, nullptr, payload.data(),
                               static_cast<int>(payload.size())),
                "natsMsg_Create");
    const nats::MessageHandle message{raw_message};
    if (correlation_id != nullptr) {
        nats::check(natsMsgHeader_Set(raw_message, nats::headers::kCorrelationId, correlation_id),
                    "natsMsgHeader_Set");
    }
    natsMsg* raw_reply = nullptr;
    nats::check(natsConnection_RequestMsg(&raw_reply, connection.get(), raw_message,
                                          std::chrono::milliseconds{kPatience}.count()),
                "natsConnection_RequestMsg");
    const nats::MessageHandle reply{raw_reply};
}

TEST_F(DeadLettersTest, OfTheGatewaySayWhatIsWrong) {
    stack_.start("gateway");
    const auto status = [&](const std::string& body, const std::string& correlation_id) {
        return stack_.post(body, {{"X-Correlation-Id", correlation_id}}).status;
    };
    EXPECT_EQ(status("[" + broken("fb-1") + ",12]", "c-event"), 201U);
    EXPECT_EQ(status("[1,", "c-body"), 400U);
    const auto large = "[\"" + std::string(nats::kMaxMessageBytes, 'x') + "\n";
    EXPECT_EQ(status(large, "c-large"), 400U);
    const auto all = letters();
    ASSERT_EQ(all.size(), 4U);
    expect_usable(all[0], "wrong_type", "data.user.name", "c-event");
    EXPECT_EQ(all[0].payload, broken("fb-1"));
    expect_usable(all[1], "not_an_object", "$", "c-event");
    EXPECT_EQ(all[1].payload, "12");
    expect_usable(all[2], "malformed_body", "$", "c-body");
    EXPECT_EQ(all[2].payload, "[1,");
    EXPECT_FALSE(all[2].headers.contains("X-Original-Bytes"));
    expect_usable(all[3], "malformed_body", "$", "c-large");
    EXPECT_EQ(all[3].payload, large.substr(0, nats::kMaxMessageBytes));
    EXPECT_EQ(all[3].headers.at("X-Original-Bytes"), std::to_string(large.size()));
}

TEST_F(DeadLettersTest, OfTheCollectorsSayWhatIsWrong) {
    stack_.start("gateway");
    stack_.start("fb-collector");
    const auto url = stack_.nats().url();
    publish(url, "events.facebook", "\x01 no JSON \xff", "c-undecodable");
    ASSERT_TRUE(await_letters(1));
    publish(url, "events.facebook", tiktok_top("ttk-1"), "c-astray");
    ASSERT_TRUE(await_letters(2));
    publish(url, "events.facebook", facebook_top("fb-1") + "\n" + broken("fb-2"), nullptr);
    ASSERT_TRUE(await_letters(3));
    ASSERT_TRUE(stack_.await_rows(1));

    const auto all = letters();
    expect_usable(all[0], "malformed_json", "$", "c-undecodable");
    EXPECT_EQ(all[0].payload, "\x01 no JSON \xff");
    expect_usable(all[1], "unknown_value", "source", "c-astray");
    EXPECT_EQ(all[1].payload, tiktok_top("ttk-1"));
    // The message had no id: it was given one.
    expect_usable(all[2], "wrong_type", "data.user.name", all[2].headers.at("X-Correlation-Id"));
    EXPECT_TRUE(http::is_correlation_id(all[2].headers.at("X-Correlation-Id")));
    EXPECT_EQ(all[2].payload, broken("fb-2"));
    for (const auto& letter : all) EXPECT_EQ(letter.subject, "dead.facebook");
    // The cause is gone: what went astray finds its place.
    stack_.start("ttk-collector");
    const auto replayed = tool({"replay", "--apply"});
    EXPECT_THAT(replayed.last_line(), HasSubstr("1 replayed (1 event), 2 still invalid"));
    EXPECT_TRUE(stack_.await_rows(2));
    EXPECT_EQ(query(stack_.database(),
                    "SELECT correlation_id FROM tiktok_events WHERE event_id = 'ttk-1'"),
              "c-astray");
}

TEST_F(DeadLettersTest, AreListedCorrectedReplayedAndStoredOnce) {
    stack_.start_all();
    const auto answer =
        stack_.post("[" + broken("fb-1") + "," + facebook_top("fb-2") + "," + broken("fb-3") + "]",
                    {{"X-Correlation-Id", "c-1"}});
    ASSERT_EQ(answer.status, 201U) << answer.body;
    ASSERT_TRUE(stack_.await_rows(1));

    const auto listed = tool({"list", "--json", "--reason", "wrong_type", "--source", "gateway"});
    ASSERT_EQ(listed.objects().size(), 2U);
    EXPECT_EQ(listed.objects()[0]["path"], "data.user.name");
    EXPECT_EQ(listed.objects()[0]["correlationId"], "c-1");
    EXPECT_THAT(tool({"show", "1"}).text, HasSubstr(">       \"name\": 7"));
    EXPECT_EQ(tool({"replay", "--apply"}).code, 1) << "still invalid";
    EXPECT_EQ(letters().size(), 2U);

    const auto file = corrected();
    EXPECT_THAT(tool({"replay", "--edited", file}).last_line(), HasSubstr("2 replayable"));
    EXPECT_EQ(letters().size(), 2U);
    const auto replayed = tool({"replay", "--edited", file, "--apply"});
    EXPECT_EQ(replayed.code, 0) << replayed.text;
    EXPECT_EQ(letters().size(), 0U);
    ASSERT_TRUE(stack_.await_rows(3));
    EXPECT_EQ(query(stack_.database(),
                    "SELECT string_agg(event_id || name || correlation_id, ' ' "
                    "ORDER BY event_id) FROM facebook_events"),
              "fb-1Adac-1 fb-2Ada Lovelacec-1 fb-3Adac-1");
    EXPECT_EQ(stack_.report("/reports/events").at("count"), 3);

    const auto again = tool({"replay", "--edited", file, "--apply"});
    EXPECT_EQ(again.code, 0);
    EXPECT_THAT(again.last_line(), HasSubstr("0 replayed (0 events), 2 gone"));
    EXPECT_EQ(stack_.stored_rows(), 3U);
}

TEST_F(DeadLettersTest, AreStoredOnceWhenAReplayIsKilledAndRunAgain) {
    constexpr int kLetters = 4'000;
    stack_.start_all();
    std::string body = "[";
    for (int i = 0; i < kLetters; ++i) {
        body += (i == 0 ? "" : ",") + broken("fb-" + std::to_string(i));
    }
    ASSERT_EQ(stack_.post(body + "]").status, 201U);
    const auto file = corrected();
    const auto left = [&] {
        return jetstream_api(stack_.nats().url(), "$JS.API.STREAM.INFO.EVENTS_DEAD")
            .at("state")
            .at("messages")
            .get<std::uint64_t>();
    };
    ASSERT_EQ(left(), std::uint64_t{kLetters});

    // Letters go one by one: by this way all of them take 40 seconds.
    TcpProxy slow{stack_.nats().port()};
    slow.set(ProxyMode::delay, 5ms);
    const auto url = "nats://127.0.0.1:" + std::to_string(slow.port());
    // In its first batch, and later.
    for (const auto replayed : {1U, 100U, 400U}) {
        const auto before = left();
        auto process =
            start_tool(url, {"replay", "--edited", file, "--apply"}, folder_.path() / "replay.log");
        ASSERT_TRUE(await([&] { return !process.running() || left() + replayed <= before; }));
        const auto status = process.stop(SIGKILL, kPatience);
        ASSERT_TRUE(status);
        EXPECT_EQ(status->signal, SIGKILL) << "the replay was faster than its end";
        EXPECT_GT(left(), 0U);
    }
    EXPECT_EQ(tool({"replay", "--edited", file, "--apply"}).code, 0);
    EXPECT_EQ(left(), 0U);
    EXPECT_TRUE(stack_.await_rows(kLetters));
    EXPECT_EQ(query(stack_.database(), "SELECT count(DISTINCT event_id) FROM facebook_events"),
              std::to_string(kLetters));
    EXPECT_EQ(stack_.report("/reports/events").at("count"), kLetters);
}

}  // namespace
}  // namespace events::test
