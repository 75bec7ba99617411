// The suite as its user runs it: events over HTTP in, exact reports out.
#include "common/events/money.hpp"
#include "common/events/time.hpp"
#include "dead_letters.hpp"
#include "load.hpp"
#include "publisher/event_generator.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/sample_events.hpp"
#include "support/sanitized.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <sstream>
#include <thread>
#include <vector>

namespace events::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using publisher::EventGenerator;
using publisher::Figures;

std::string text_of_source(Source source) {
    return std::string{source.name()};
}

/// Every figure of the reporter against what was sent.
void expect_reports(Stack& stack, const Figures& expected) {
    EXPECT_EQ(stack.report("/reports/events").at("count"), expected.events());
    for (const auto& type : event_types()) {
        const auto target = "/reports/events?source=" + text_of_source(type.source) +
                            "&eventType=" + std::string{type.name};
        EXPECT_EQ(stack.report(target).at("count"),
                  expected.events(type.source, std::nullopt, type.name))
            << target;
    }
    for (const auto source : sources()) {
        // As text: a JSON parser would make a double of it.
        const auto body =
            stack.get("reporter", "/reports/revenue?source=" + std::string{source.name()}).body;
        EXPECT_THAT(body, ::testing::HasSubstr(
                              "\"revenue\":" + format_amount(expected.revenue(source)) + ","));
        EXPECT_EQ(json::parse(body).at("transactions"), expected.transactions(source));
    }
    // Every event of the generator has a user of its own.
    EXPECT_EQ(stack.report("/reports/demographics").at("userCount"), expected.events());
}

/// The largest resident set that the process had so far.
std::uint64_t peak_bytes(pid_t pid) {
    std::ifstream status{"/proc/" + std::to_string(pid) + "/status"};
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) * 1024;
    }
    return 0;
}

TEST(Pipeline, TheReferenceLoadArrivesToTheEventAndToTheCent) {
    Stack stack;
    stack.start_all();
    const publisher::GeneratorSettings settings{.seed = 20'261,
                                                .start_time = recently(),
                                                .min_events = 1'000,
                                                .max_events = 12'000,
                                                .invalid_ratio = 0.5,
                                                .duplicate_ratio = 0.02,
                                                .count = 60'000};
    EventGenerator generator{settings};
    Figures expected;
    std::uint64_t saved = 0;
    std::uint64_t failed = 0;
    std::vector<std::future<http::ClientResponse>> answers;  // overlapping, as the sender does
    std::uint64_t expected_saved = 0;
    std::uint64_t expected_failed = 0;
    const auto take = [&](std::future<http::ClientResponse>& answer) {
        const auto response = answer.get();
        ASSERT_EQ(response.status, 201U) << response.body;
        const auto body = json::parse(response.body);
        saved += body.at("saved").get<std::uint64_t>();
        failed += body.at("failed").get<std::uint64_t>();
    };
    while (auto batch = generator.next_batch()) {
        expected += batch->stored;
        expected_saved += batch->valid.events();
        expected_failed += batch->expected_invalid();
        answers.push_back(std::async(std::launch::async, [&stack, body = std::move(batch->body)] {
            return stack.post(body);
        }));
        if (answers.size() >= 3) {
            take(answers.front());
            answers.erase(answers.begin());
        }
    }
    for (auto& answer : answers) take(answer);

    EXPECT_EQ(saved, expected_saved);
    EXPECT_EQ(failed, expected_failed);
    EXPECT_GT(failed, 0U);
    ASSERT_TRUE(stack.await_rows(expected.events()));
    expect_reports(stack, expected);
    EXPECT_EQ(read_stream(stack.nats().url(), "EVENTS_DEAD").size(), expected_failed);
}

TEST(Pipeline, FiftyThousandEventsInOnePostFitAndOneBadOneCostsOnlyItself) {
    Stack stack;
    stack.start_all();
    const auto batch = make_batch(50'000, 5);
    // The 25,000th event loses its closing brace's neighbour: it is not even JSON any more.
    auto body = batch.body;
    const auto event = batch.event(25'000);
    const auto place = static_cast<std::size_t>(event.data() - batch.body.data());
    const std::string broken = std::string{event.substr(0, event.size() - 1)} + ",}";
    body.replace(place, event.size(), broken);
    ASSERT_GT(body.size(), 20'000'000U);

    const auto response = stack.post(body);
    ASSERT_EQ(response.status, 201U) << response.body;
    const auto answer = json::parse(response.body);
    EXPECT_EQ(answer.at("saved"), 49'999);
    EXPECT_EQ(answer.at("failed"), 1);
    EXPECT_EQ(answer.at("errors").at(0).at("index"), 25'000);
    EXPECT_EQ(answer.at("errors").at(0).at("code"), "malformed_json");

    const auto letters = read_stream(stack.nats().url(), "EVENTS_DEAD");
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters[0].subject, "dead.gateway");
    EXPECT_EQ(letters[0].payload, broken);
    EXPECT_EQ(letters[0].headers.at("X-Reason-Code"), "malformed_json");
    EXPECT_FALSE(letters[0].headers.at("X-Reason").empty());
    EXPECT_FALSE(letters[0].headers.at("X-Failed-At").empty());
    EXPECT_EQ(letters[0].headers.at("X-Path"), "$");
    EXPECT_TRUE(stack.await_rows(49'999));
    if (!kSanitized) {
        EXPECT_LT(peak_bytes(stack.process("gateway").pid()), 256U << 20);
    }
}

TEST(Pipeline, TheCollectorsMergeTheSegmentsThatTheyStored) {
    Stack stack;
    stack.start_all();
    // Each in a transaction of its own, and so in a segment of its own.
    for (std::size_t sent = 1; sent <= 3; ++sent) {
        const auto id = std::to_string(sent);
        ASSERT_EQ(stack.post("[" + facebook_bottom("fb-" + id) + "]").status, 201U);
        ASSERT_TRUE(stack.await_rows(sent));
    }
    const auto merged = [&] {
        return query(stack.database(), "SELECT count(*) > 0 FROM events.segments WHERE level > 0");
    };
    EXPECT_TRUE(await([&] { return merged() == "t"; }));
    EXPECT_EQ(query(stack.database(), "SELECT sum(rows) FROM events.segments"), "3");
    EXPECT_EQ(stack.report("/reports/events").at("count"), 3);
    // Counted when the transaction is over, and so after its segment is seen.
    constexpr auto kMerges = R"(segment_merges_total{level="1"})";
    EXPECT_TRUE(await([&] { return stack.metric("fb-collector", kMerges) > 0; }));
}

TEST(Pipeline, ARepeatedRequestCountsNothingTwice) {
    Stack stack;
    stack.start_all();
    EventGenerator generator{{.seed = 9,
                              .start_time = recently(),
                              .min_events = 3'000,
                              .max_events = 3'000,
                              .invalid_ratio = 1.0,
                              .count = 3'000}};
    const auto batch = generator.next_batch();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(stack.post(batch->body).status, 201U);
    // Grouped anew, JetStream can't know it: the tables do.
    const std::string alone = "[" + std::string{batch->event(17)} + "]";
    EXPECT_EQ(stack.post(alone).status, 201U);
    ASSERT_TRUE(await([&] {
        return stack.metric("fb-collector", R"(duplicate_events_total{source="facebook"})") +
                   stack.metric("ttk-collector", R"(duplicate_events_total{source="tiktok"})") >=
               1;
    }));
    EXPECT_TRUE(stack.await_rows(batch->stored.events()));
    expect_reports(stack, batch->stored);
    EXPECT_EQ(read_stream(stack.nats().url(), "EVENTS_DEAD").size(), batch->expected_invalid());
}

TEST(Pipeline, ACorrelationIdIsInTheAnswerTheLogsAndTheRow) {
    Stack stack;
    stack.start_all();
    const auto batch = make_batch(2, 3);
    const std::string id = "campaign:2026-11.22_A-7";
    const auto response = stack.post(batch.body, {{"X-Correlation-Id", id}});
    EXPECT_EQ(response.header("X-Correlation-Id"), id);
    ASSERT_TRUE(stack.await_rows(2));

    const auto in_log = [&](const std::string& daemon) {
        return std::ranges::any_of(stack.log(daemon), [&](const json& line) {
            const auto ids = line.value("correlationIds", json::array());
            return line.value("correlationId", "") == id ||
                   std::ranges::find(ids, json(id)) != ids.end();
        });
    };
    EXPECT_TRUE(await([&] { return in_log("gateway"); }));
    EXPECT_TRUE(await([&] { return in_log("fb-collector") || in_log("ttk-collector"); }));
    EXPECT_EQ(query(stack.database(),
                    "SELECT string_agg(DISTINCT correlation_id, '|') FROM (SELECT correlation_id "
                    "FROM facebook_events UNION ALL SELECT correlation_id FROM tiktok_events) r"),
              id);

    // A client's nonsense is not taken over.
    const auto other = stack.post("[]", {{"X-Correlation-Id", "no spaces please"}});
    EXPECT_EQ(other.header("X-Correlation-Id").size(), 36U);
}

TEST(Pipeline, NdjsonGzipAndASingleEventAreUnderstood) {
    Stack stack;
    stack.start_all();
    const auto batch = make_batch(4, 4);
    const auto ndjson = std::string{batch.event(0)} + "\n" + std::string{batch.event(1)} + "\r\n\n";
    EXPECT_EQ(stack.post(ndjson, {}, "application/x-ndjson").body, R"({"saved":2,"failed":0})");
    EXPECT_EQ(stack.post(batch.event(2)).body, R"({"saved":1,"failed":0})");

    const TemporaryDirectory folder;
    const auto file = folder.path() / "body";
    std::ofstream{file} << "[" << batch.event(3) << "]";
    ASSERT_EQ(
        run({.command = {"gzip", file.string()}, .environment = {}, .output = {}, .user = {}}).code,
        0);
    EXPECT_EQ(stack.post(read_file(file.string() + ".gz"), {{"Content-Encoding", "gzip"}}).body,
              R"({"saved":1,"failed":0})");
    EXPECT_TRUE(stack.await_rows(4));
}

TEST(Pipeline, ThePublishersOwnRunArrivesWhole) {
    Stack stack;
    stack.start_all();
    const auto start_time = recently();
    const publisher::GeneratorSettings settings{.seed = 77,
                                                .start_time = start_time,
                                                .interval = 50ms,
                                                .min_events = 100,
                                                .max_events = 2'000,
                                                .invalid_ratio = 0.3,
                                                .duplicate_ratio = 0.05,
                                                .out_of_order = 60s,
                                                .count = 20'000};
    stack.launch("publisher", {{"SEED", "77"},
                               {"START_TIME", format_timestamp(start_time)},
                               {"INTERVAL_MS", "50"},
                               {"MIN_EVENTS", "100"},
                               {"MAX_EVENTS", "2000"},
                               {"INVALID_RATIO", "0.3"},
                               {"DUPLICATE_RATIO", "0.05"},
                               {"OUT_OF_ORDER_MS", "60000"},
                               {"COUNT", "20000"},
                               {"RETRY", "on"}});
    EXPECT_EQ(stack.wait_end("publisher").code, 0);

    EventGenerator generator{settings};
    Figures expected;
    std::uint64_t failed = 0;
    std::uint64_t saved = 0;
    while (const auto batch = generator.next_batch()) {
        expected += batch->stored;
        saved += batch->valid.events();
        failed += batch->expected_invalid();
    }
    ASSERT_TRUE(stack.await_rows(expected.events()));
    expect_reports(stack, expected);

    const auto log = stack.log("publisher");
    const auto summary = std::ranges::find_if(
        log, [](const json& line) { return line.contains("lost") && line.contains("sent"); });
    ASSERT_NE(summary, log.end());
    EXPECT_EQ(summary->at("sent"), 20'000);
    EXPECT_EQ(summary->at("saved"), saved);
    EXPECT_EQ(summary->at("failed"), failed);
    EXPECT_EQ(summary->at("lost"), 0);
}

TEST(Pipeline, SeveralCollectorsOfOneSourceStoreEachEventOnce) {
    Stack stack;
    stack.start_all();
    // A second one of each, on the same durable consumers.
    stack.start_twin("fb-collector");
    stack.start_twin("ttk-collector");
    EventGenerator generator{{.seed = 8,
                              .start_time = recently(),
                              .min_events = 10'000,
                              .max_events = 10'000,
                              .invalid_ratio = 0.0,
                              .duplicate_ratio = 0.1,
                              .count = 30'000}};
    Figures expected;
    while (const auto batch = generator.next_batch()) {
        expected += batch->stored;
        ASSERT_EQ(stack.post(batch->body).status, 201U);
    }
    EXPECT_TRUE(stack.await_rows(expected.events()));
    expect_reports(stack, expected);
}

// Prisma's URL, as the original's operators have it: libpq refused its parameters.
TEST(Pipeline, WorksInTheSchemaThatTheUrlNames) {
    Stack stack;
    query(stack.database(), "CREATE SCHEMA shop");
    const Variables variables{
        {"DATABASE_URL", stack.database() + "?schema=shop&connection_limit=5&pgbouncer=true"}};
    stack.start("gateway");
    stack.start("fb-collector", variables);
    stack.start("ttk-collector", variables);
    stack.start("reporter", variables);
    const auto batch = make_batch(1'000);
    ASSERT_EQ(stack.post(batch.body).status, 201U);
    EXPECT_TRUE(await(
        [&] { return stack.report("/reports/events").at("count") == batch.stored.events(); }));
    EXPECT_EQ(query(stack.database(),
                    "SELECT (SELECT count(*) FROM shop.facebook_events) + (SELECT count(*) FROM "
                    "shop.tiktok_events)"),
              std::to_string(batch.stored.events()));
    EXPECT_EQ(query(stack.database(), "SELECT to_regclass('public.facebook_events') IS NULL"), "t");
    const auto log = stack.log("fb-collector");
    EXPECT_TRUE(std::ranges::any_of(log, [](const json& line) {
        return line.at("level") == 40 &&
               line.at("msg").get<std::string>().find("connection_limit") != std::string::npos;
    }));
}

}  // namespace
}  // namespace events::test
