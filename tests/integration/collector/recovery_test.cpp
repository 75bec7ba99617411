// What goes wrong around a collector costs nothing, and is over when it is over.
#include "common/collector/backlog_monitor.hpp"
#include "recovery_fixture.hpp"
#include "support/acknowledgements.hpp"
#include "support/jetstream_api.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>

#include <filesystem>
#include <string>

namespace events::collector {
namespace {

TEST_F(RecoveryTest, AnAcknowledgementThatIsLostAfterTheCommitCostsADuplicateAndNoMore) {
    ack_wait_ = 8s;
    ping_interval_ = 1s;
    start();
    ASSERT_TRUE(await([&] { return link_->connected() && database_health_.is_up(); }));
    pqxx::connection connection{database_};
    pqxx::work lock{connection};
    lock.exec("LOCK TABLE facebook_events IN ACCESS EXCLUSIVE MODE");
    send({event("fb-1"), event("fb-2")});
    ASSERT_TRUE(await([&] { return store_waits(); }));
    proxy_.set(test::ProxyMode::black_hole);  // with the batch in hand
    lock.commit();
    ASSERT_TRUE(await([&] { return rows() == "2"; }));
    EXPECT_FALSE(drained());
    // Nobody tells the collector; its keepalive does.
    EXPECT_TRUE(await([&] { return !link_->connected(); }));
    proxy_.set(test::ProxyMode::pass);
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "2");
    EXPECT_EQ(metric(kDuplicates), 2);
}

TEST_F(RecoveryTest, AConnectionThatIsHalfOpenIsNoticedAndReplaced) {
    ack_wait_ = 2s;  // of what the broker sends into the half that is open
    ping_interval_ = 1s;
    start();
    send({event("fb-1")});
    ASSERT_TRUE(await([&] { return drained(); }));
    const auto generation = link_->generation();
    proxy_.set(test::ProxyMode::black_hole);
    send({event("fb-2")});
    EXPECT_TRUE(await([&] { return !link_->connected(); }));
    proxy_.set(test::ProxyMode::pass);
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "2");
    EXPECT_GT(link_->generation(), generation);
}

TEST_F(RecoveryTest, ACutConnectionIsMadeAgain) {
    ack_wait_ = 2s;  // of what the broker sends before it knows
    start();
    send({event("fb-1")});
    ASSERT_TRUE(await([&] { return drained(); }));
    const auto generation = link_->generation();
    proxy_.set(test::ProxyMode::reset);
    ASSERT_TRUE(await([&] { return !link_->connected(); }));
    send({event("fb-2")});
    proxy_.set(test::ProxyMode::pass);
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "2");
    EXPECT_GT(link_->generation(), generation);
}

TEST_F(RecoveryTest, ARestartOfTheBrokerLosesNothing) {
    start();
    send({event("fb-1")});
    ASSERT_TRUE(await([&] { return drained(); }));
    const auto generation = broker_.generation();
    server_.kill();
    server_.start();
    ASSERT_TRUE(nats::test::await_another(broker_, generation));
    send({event("fb-2")});
    EXPECT_TRUE(await([&] { return rows() == "2" && drained(); }));
}

TEST_F(RecoveryTest, ADeletedConsumerIsMadeAgain) {
    start();
    send({event("fb-1")});
    ASSERT_TRUE(await([&] { return drained(); }));
    remove("CONSUMER", consumer_.stream + "." + consumer_.durable);
    send({event("fb-2")});
    EXPECT_TRUE(await([&] { return rows() == "2" && drained(); }));
}

TEST_F(RecoveryTest, ADeletedStreamIsMadeAgain) {
    start();
    send({event("fb-1")});
    ASSERT_TRUE(await([&] { return drained(); }));
    remove("STREAM", stream_.name);
    ASSERT_TRUE(await([&] {
        return jetstream_.stream_info(stream_.name) &&
               jetstream_.consumer_info(consumer_.stream, consumer_.durable);
    }));
    send({event("fb-2")});
    EXPECT_TRUE(await([&] { return rows() == "2" && drained(); }));
}

// The writer tried for ever to put a dead letter into a stream that nobody made again, and with it
// stood the whole source.
TEST_F(RecoveryTest, TheDeadLettersStreamIsMadeAgainWhenItWasDeleted) {
    start();
    remove("STREAM", std::string{nats::kDeadLetterStream});
    send({"no JSON at all", event("fb-1")});
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "1");
    EXPECT_EQ(dead_letters(), 1U);
}

// A server that lost the end of a stream counts from a lower number: the consumer took everything
// new for acknowledged, and it stayed in the stream for ever.
TEST_F(RecoveryTest, MessagesThatTheConsumerTakesForAcknowledgedAreDelivered) {
    for (int i = 0; i < 20; ++i) send({event("fb-" + std::to_string(i))});
    start();
    ASSERT_TRUE(await([&] { return drained(); }));
    const auto generation = broker_.generation();
    const auto generation_of_link = link_->generation();
    server_.stop();
    const auto stream = store_folder_.path() / "jetstream/$G/streams" / stream_.name;
    ASSERT_TRUE(std::filesystem::exists(stream / "obs" / consumer_.durable));
    std::filesystem::remove_all(stream / "msgs");
    server_.start();
    ASSERT_TRUE(nats::test::await_another(broker_, generation));
    ASSERT_TRUE(nats::test::await_another(*link_, generation_of_link));
    for (int i = 0; i < 5; ++i) send({event("late-" + std::to_string(i))});

    const BacklogMonitor monitor{broker_, consumer_, 100ms, log_, metrics_};
    EXPECT_TRUE(await([&] { return rows() == "25" && drained(); }));
}

// The copies of a cluster can disagree after a leader's death: the stream had messages, and its
// consumer had nothing to do. A consumer that passes them over is the same to whoever asks.
TEST_F(RecoveryTest, MessagesThatTheConsumerKnowsNothingOfAreDelivered) {
    start();
    send({event("fb-0")});
    ASSERT_TRUE(await([&] { return drained(); }));
    const auto request = [&](const std::string& subject, const nlohmann::json& body) {
        const auto answer = test::jetstream_api(server_.url(), "$JS.API." + subject, body.dump());
        ASSERT_FALSE(answer.contains("error")) << answer.dump();
    };
    auto stream =
        test::jetstream_api(server_.url(), "$JS.API.STREAM.INFO." + stream_.name)["config"];
    stream["subjects"].push_back("events.nothing");
    request("STREAM.UPDATE." + stream_.name, stream);
    request(fmt::format("CONSUMER.DURABLE.CREATE.{}.{}", stream_.name, consumer_.durable),
            {{"stream_name", stream_.name},
             {"config",
              {{"durable_name", consumer_.durable},
               {"ack_policy", "explicit"},
               {"filter_subject", "events.nothing"}}}});
    for (int i = 1; i < 5; ++i) send({event("fb-" + std::to_string(i))});
    ASSERT_FALSE(drained());

    const BacklogMonitor monitor{broker_, consumer_, 100ms, log_, metrics_};
    EXPECT_TRUE(await([&] { return rows() == "5" && drained(); }));
}

// What the reader had fetched was given back while its requests were still open: the broker sent it
// there again, to nobody, and it waited for the whole ack_wait.
TEST_F(RecoveryTest, WhatWasFetchedWhileTheDatabaseWentComesAgainAtOnce) {
    ack_wait_ = 1h;
    start();
    ASSERT_TRUE(await([&] { return link_->connected() && database_health_.is_up(); }));
    for (int round = 0; round < 3; ++round) {
        {
            pqxx::connection connection{database_};
            pqxx::work lock{connection};
            lock.exec("LOCK TABLE facebook_events IN ACCESS EXCLUSIVE MODE");
            send({event(fmt::format("fb-{}", round))});
            ASSERT_TRUE(await([&] { return store_waits(); }));
            // Behind the batch that waits for the lock another one waits, and more is fetched.
            for (int i = 0; i < 40; ++i) send({event(fmt::format("fb-{}-{}", round, i))});
            test::postgres_cluster().kill();
        }
        ASSERT_TRUE(await([&] { return !database_health_.is_up(); }));
        test::postgres_cluster().restart();
        ASSERT_TRUE(await([&] { return drained(); })) << round;
    }
    EXPECT_EQ(rows(), "123");
}

// To another collector it would come again, when nobody said that it is being worked on.
TEST_F(RecoveryTest, ABatchThatCannotBeStoredYetIsKeptInProgress) {
    ack_wait_ = 8s;  // told every 2 s: a busy machine may lose 6 s and the test does not notice
    refuse_rows_where("true", "53100");
    start();
    test::Acknowledgements acknowledgements{server_.url(), consumer_.stream, consumer_.durable};
    send({event("fb-1"), event("fb-2")});
    ASSERT_TRUE(await([&] { return acknowledgements.seen().size() >= 6; }));  // for over 10 s
    for (const auto& each : acknowledgements.seen()) {
        EXPECT_EQ(each.kind, "+WPI");
        EXPECT_EQ(each.deliveries, 1U);
    }
    EXPECT_GE(refusals(), 2U);
    EXPECT_EQ(rows(), "0");
    EXPECT_EQ(dead_letters(), 0U);

    (void)test::query(database_, "DROP TRIGGER refuse ON facebook_events");
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "2");
    EXPECT_EQ(metric(kDuplicates), 0);
}

// A batch that takes longer than a statement may was tried again whole, for ever.
TEST_F(RecoveryTest, ABatchThatTakesTheDatabaseTooLongIsHalvedUntilItFits) {
    ack_wait_ = 1h;
    // As statement_timeout does, without the wait for it.
    (void)test::query(
        database_,
        "CREATE SEQUENCE cancelled;"
        "CREATE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF (SELECT count(*) FROM fresh) > 3 THEN PERFORM nextval('cancelled'); "
        "PERFORM pg_cancel_backend(pg_backend_pid()); PERFORM pg_sleep(600); END IF; "
        "RETURN NULL; END $$;"
        "CREATE TRIGGER slow AFTER INSERT ON facebook_events REFERENCING NEW TABLE AS fresh "
        "FOR EACH STATEMENT EXECUTE FUNCTION be_slow()");
    std::vector<std::string> events;
    for (int number = 0; number < 40; ++number) {
        events.push_back(event("fb-" + std::to_string(number)));
    }
    send(events);
    start();
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "40");
    EXPECT_EQ(dead_letters(), 0U);
    EXPECT_EQ(metric(kDuplicates), 0);
    EXPECT_TRUE(database_health_.is_up());
    // 40, 2 of 20, 4 of 10, 8 of 5: none of them twice.
    EXPECT_EQ(test::query(database_, "SELECT last_value FROM cancelled"), "15");
}

// A single event can't be halved: it is kept, whatever it takes.
TEST_F(RecoveryTest, AnEventThatTakesTheDatabaseTooLongIsKept) {
    ack_wait_ = 1h;
    refuse_rows_where("new.event_id = 'fb-slow'", "57014");
    start();
    send({event("fb-1"), event("fb-slow"), event("fb-2")});
    ASSERT_TRUE(await([&] { return refusals() >= 4; }));
    EXPECT_TRUE(await([&] { return !database_health_.is_up(); }));
    EXPECT_EQ(dead_letters(), 0U);
    (void)test::query(database_, "DROP TRIGGER refuse ON facebook_events");
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "3");
    EXPECT_EQ(dead_letters(), 0U);
}

}  // namespace
}  // namespace events::collector
