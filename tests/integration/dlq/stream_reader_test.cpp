#include "common/nats/stream_reader.hpp"

#include "common/nats/error.hpp"
#include "integration/dlq/broker.hpp"

#include <gmock/gmock.h>
#include <nats/nats.h>

namespace events::dlq::test {
namespace {

using nats::StreamReader;
using ::testing::ElementsAre;

class StreamReaderTest : public BrokerTest {
  protected:
    std::vector<std::uint64_t> sequences(const nats::ReadRange& range) {
        StreamReader reader{client_.connection, nats::kDeadLetterStream, range};
        std::vector<std::uint64_t> all;
        while (const auto message = reader.next()) all.push_back(message->sequence());
        return all;
    }
};

TEST_F(StreamReaderTest, ReadsEveryMessageInItsOrderAndLeavesItThere) {
    std::vector<std::string> raws;
    for (int i = 0; i < 1'000; ++i) raws.push_back("letter " + std::to_string(i));
    put_all(raws);
    StreamReader reader{client_.connection, nats::kDeadLetterStream, {}};
    EXPECT_EQ(reader.found(), 1'000U);
    std::uint64_t expected = 1;
    while (const auto message = reader.next()) {
        EXPECT_EQ(message->sequence(), expected);
        EXPECT_EQ(message->subject(), "dead.gateway");
        EXPECT_EQ(message->payload(), raws[expected - 1]);
        EXPECT_EQ(message->size(), raws[expected - 1].size());
        EXPECT_EQ(message->header("X-Reason-Code"), "missing_field");
        ++expected;
    }
    EXPECT_EQ(expected, 1'001U);
    EXPECT_EQ(letters(), 1'000U);
}

TEST_F(StreamReaderTest, ReadsARangeOrASubjectOrTheHeadersAlone) {
    for (int i = 0; i < 6; ++i) put_raw("abcdef");
    put({.subject = "dead.tiktok",
         .raw = "x",
         .code = "wrong_type",
         .reason = "r",
         .path = "",
         .correlation_id = "",
         .discriminator = {}});
    put_raw("abcdef");
    EXPECT_THAT(sequences({.first = 3, .last = 5}), ElementsAre(3U, 4U, 5U));
    EXPECT_THAT(sequences({.first = 8}), ElementsAre(8U));
    EXPECT_THAT(sequences({.first = 9}), ElementsAre());
    EXPECT_THAT(sequences({.subject = "dead.tiktok"}), ElementsAre(7U));
    EXPECT_THAT(sequences({.subject = "dead.facebook"}), ElementsAre());

    StreamReader headers{client_.connection, nats::kDeadLetterStream, {.headers_only = true}};
    const auto message = headers.next();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->payload(), "");
    EXPECT_EQ(message->size(), 6U);
    EXPECT_EQ(message->header("X-Path"), "data.user.name");
}

TEST_F(StreamReaderTest, EndsWhereTheRestIsDeletedMeanwhile) {
    put_all(std::vector<std::string>(600, "x"));
    StreamReader reader{client_.connection, nats::kDeadLetterStream, {}};
    ASSERT_TRUE(reader.next());
    // What was on its way still comes; what the reader counted on does not.
    EXPECT_GT(client_.jetstream.purge_stream(nats::kDeadLetterStream, 600), 0U);
    std::uint64_t more = 0;
    while (reader.next()) ++more;
    EXPECT_LT(more, 599U);
}

TEST_F(StreamReaderTest, GoesOnWhereItWasAfterTheBrokerWasRestarted) {
    put_all(std::vector<std::string>(600, "x"));
    StreamReader reader{client_.connection, nats::kDeadLetterStream, {}};
    for (std::uint64_t expected = 1; expected <= 600; ++expected) {
        if (expected == 100) server_.restart();
        const auto message = reader.next();
        ASSERT_TRUE(message);
        ASSERT_EQ(message->sequence(), expected);
    }
    EXPECT_FALSE(reader.next());
}

TEST_F(StreamReaderTest, MayBeDroppedInTheMiddle) {
    // cnats 3.4.1 crashed now and then when messages were still on their way.
    put_all(std::vector<std::string>(600, std::string(300, 'x')));
    for (int i = 0; i < 200; ++i) {
        StreamReader reader{client_.connection, nats::kDeadLetterStream, {}};
        ASSERT_TRUE(reader.next());
    }
}

// cnats took it for the server's "no responders", and the tool could read nothing at all.
TEST_F(StreamReaderTest, ReadsALetterThatLooksLikeAStatusOfTheServer) {
    put_raw("before");
    natsMsg* raw = nullptr;
    nats::check(natsMsg_Create(&raw, "dead.gateway", nullptr, nullptr, 0), "natsMsg_Create");
    const nats::MessageHandle hostile{raw};
    nats::check(natsMsgHeader_Set(raw, "Status", "503"), "natsMsgHeader_Set");
    nats::check(natsConnection_PublishMsg(client_.connection.native().get(), raw),
                "natsConnection_PublishMsg");
    ASSERT_TRUE(events::test::await([&] { return letters() == 2; }));
    put_raw("after");
    EXPECT_THAT(sequences({}), ElementsAre(1, 2, 3));
}

TEST_F(StreamReaderTest, IsAnErrorWithoutItsStream) {
    EXPECT_THROW((StreamReader{client_.connection, "NO", {}}), nats::Error);
}

TEST_F(StreamReaderTest, DeletedMessagesAreGoneAndDeletingThemAgainIsNoError) {
    for (int i = 0; i < 3; ++i) put_raw("x");
    EXPECT_TRUE(client_.jetstream.delete_message(nats::kDeadLetterStream, 2));
    EXPECT_FALSE(client_.jetstream.delete_message(nats::kDeadLetterStream, 2));
    EXPECT_THAT(sequences({}), ElementsAre(1U, 3U));
    EXPECT_EQ(client_.jetstream.purge_stream(nats::kDeadLetterStream, 1), 1U);
    EXPECT_FALSE(client_.jetstream.delete_message(nats::kDeadLetterStream, 1));
    EXPECT_THAT(sequences({}), ElementsAre(3U));
    EXPECT_THROW(client_.jetstream.delete_message("NO", 1), nats::Error);
}

}  // namespace
}  // namespace events::dlq::test
