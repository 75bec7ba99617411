// events-erase and events-export-user on a real database and a real broker.
#include "common/nats/topology.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "erase_fixture.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

namespace events::erase {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const Found& found_of(const std::vector<Target>& targets, std::size_t person, Source source) {
    return std::ranges::find_if(targets,
                                [&](const Target& target) {
                                    return target.person == person && target.source == source;
                                })
        ->found;
}

TEST_F(EraseTest, RemovesAPersonsRowsAndReportsAreRightAtOnce) {
    const auto outcome = erase({kAda});
    ASSERT_TRUE(outcome.is_complete);
    for (const auto source : {kFacebook, kTikTok}) {
        EXPECT_EQ(found_of(outcome.targets, 0, source).rows, 20);
        EXPECT_EQ(rows_of(source, kAda), "0");
        EXPECT_EQ(rows_of(source, kBob), "14");
        EXPECT_EQ(rows_of(source, kEve), "14");
    }
    expect_exact();
    EXPECT_EQ(query("SELECT sum(revenue) FROM events.hourly_events WHERE source = 'facebook'"),
              "350.00");
    EXPECT_EQ(query("SELECT count(*) FROM events.partition_marks"), "0")
        << "no partition was read row by row";
}

TEST_F(EraseTest, FindsIdsThatAreNoUuids) {
    const auto outcome = erase({kBob, kEve});
    ASSERT_TRUE(outcome.is_complete);
    EXPECT_EQ(found_of(outcome.targets, 0, kFacebook).rows, 14);
    EXPECT_EQ(found_of(outcome.targets, 1, kTikTok).rows, 14);
    EXPECT_EQ(rows_of(kFacebook, kAda), "20");
    expect_exact();
}

TEST_F(EraseTest, ReadsTheRowsOfPartitionsThatAreNotBuilt) {
    query(
        "INSERT INTO facebook_events_p20260301 SELECT 'theirs', occurred_at, received_at, "
        "funnel_stage, event_type, user_id, name, age, gender, country, city FROM "
        "facebook_events_p20260301 WHERE event_id = '0c9-a-1'");
    query("CREATE TABLE elsewhere PARTITION OF tiktok_events DEFAULT");
    query(
        "INSERT INTO tiktok_events SELECT event_id, occurred_at - interval '4 years', received_at, "
        "funnel_stage, event_type, user_id, username, followers FROM tiktok_events WHERE user_id = "
        "'" +
        std::string{kAda} + "'");
    const auto outcome = erase({kAda});
    EXPECT_EQ(found_of(outcome.targets, 0, kFacebook).rows, 21);
    EXPECT_EQ(found_of(outcome.targets, 0, kTikTok).rows, 40);
    EXPECT_FALSE(inventory(kAda).targets.front().found.any());
    expect_exact();
}

TEST_F(EraseTest, ReadsTheRowsWhereASegmentIsDamaged) {
    query("UPDATE events.segment_blobs SET bytes = set_byte(bytes, 80, 255 - get_byte(bytes, 80))");
    EXPECT_EQ(found_of(erase({kAda}).targets, 0, kFacebook).rows, 20);
    EXPECT_EQ(rows_of(kFacebook, kAda), "0");
}

TEST_F(EraseTest, LeavesWhatWasAcceptedAfterwards) {
    ASSERT_TRUE(erase({kAda}).is_complete);
    const auto later = event_of(kFacebook, kAda, "later");
    const auto before = event_of(kFacebook, kAda, "before");
    EXPECT_EQ(store_events(facebook_, {later}, now() + 1h), 1U);
    EXPECT_EQ(facebook_.erased(), 0U);
    EXPECT_EQ(store_events(facebook_, {before, event_of(kFacebook, kEve, "x")}, now() - 1h), 1U);
    EXPECT_EQ(facebook_.erased(), 1U);
    const auto again = erase({kAda});
    EXPECT_EQ(found_of(again.targets, 0, kFacebook).rows, 0) << "it is not over then";
    EXPECT_EQ(rows_of(kFacebook, kAda), "1");
    EXPECT_EQ(found_of(inventory(kAda).targets, 0, kFacebook).rows, 1) << "and is told";
    EXPECT_EQ(store_events(tiktok_, {event_of(kTikTok, kEve, "y")}, now() - 1h), 1U);
}

TEST_F(EraseTest, OfOneSourceLeavesTheOther) {
    put_letter("dead.facebook", event_of(kFacebook, kAda, "1"));
    put_letter("dead.tiktok", event_of(kTikTok, kAda, "2"));
    put_letter("dead.gateway", event_of(kTikTok, kAda, "3"));
    put_letter("dead.gateway", event_of(kFacebook, kAda, "4"));
    const auto outcome = erase({kAda}, {.sources = {kTikTok}});
    EXPECT_EQ(outcome.targets.front().found.rows, 20);
    EXPECT_EQ(outcome.targets.front().found.letters, 2);
    EXPECT_EQ(rows_of(kFacebook, kAda), "20");
    EXPECT_EQ(letters(), 2U);
    EXPECT_EQ(store_events(facebook_, {event_of(kFacebook, kAda, "fb")}, now() - 1h), 1U);
    EXPECT_EQ(store_events(tiktok_, {event_of(kTikTok, kAda, "ttk")}, now() - 1h), 0U);
}

TEST_F(EraseTest, DeletesDeadLettersAlsoThoseThatAreNoJson) {
    const std::string ada{kAda};
    put_letter("dead.gateway", event_of(kFacebook, kAda, "1"));
    put_letter("dead.gateway", "{\"data\":{\"user\":{\"userId\":\"" + ada + "\",\"name\":");
    put_letter("dead.gateway",
               "[" + event_of(kFacebook, kEve, "2") + "," + event_of(kTikTok, kAda, "3") + "]");
    put_letter("dead.gateway", "id=" + ada + "&x=1");
    put_letter("dead.tiktok", "{\"userId\":\"" + ada + "x\"}");
    put_letter("dead.facebook", event_of(kFacebook, kEve, "5"));
    const auto outcome = erase({kAda});
    EXPECT_EQ(found_of(outcome.targets, 0, kFacebook).letters +
                  found_of(outcome.targets, 0, kTikTok).letters,
              4);
    EXPECT_EQ(letters(), 2U);
}

TEST_F(EraseTest, TellsWhatWaitsAndTakesNothingFromTheStreams) {
    send(kFacebook,
         {event_of(kFacebook, kAda, "w1"), event_of(kFacebook, kEve, "w2"),
          event_of(kFacebook, kAda, "w3")},
         now());
    send(kTikTok, {event_of(kTikTok, kBob, "w4")}, now());
    EXPECT_EQ(found_of(inventory(kAda).targets, 0, kFacebook).waiting_events, 2);
    const auto outcome = erase({kAda, kBob});
    EXPECT_EQ(found_of(outcome.targets, 0, kFacebook).waiting_events, 2);
    EXPECT_EQ(found_of(outcome.targets, 1, kTikTok).waiting_events, 1);
    EXPECT_EQ(nats::test::messages_in(client_.jetstream, "EVENTS_FACEBOOK"), 1U);
    EXPECT_EQ(nats::test::messages_in(client_.jetstream, "EVENTS_TIKTOK"), 1U);
}

TEST_F(EraseTest, KeepsALedgerThatHoldsNoId) {
    put_letter("dead.facebook", event_of(kFacebook, kAda, "1"));
    const auto run = tool("events-erase", {std::string{kAda}, "--reason", "asked for it",
                                           "--requested-by=Ada herself"});
    EXPECT_EQ(run.code, 0) << run.text;
    EXPECT_THAT(run.text, AllOf(HasSubstr("facebook: 20 rows, 1 dead letters, 0 waiting events"),
                                Not(HasSubstr(std::string{kAda}))));
    EXPECT_EQ(tool("events-erase", {std::string{kAda}}).code, 0) << "repeating is harmless";
    const auto ledger = tool("events-erase", {"--ledger"});
    EXPECT_EQ(ledger.code, 0);
    EXPECT_THAT(ledger.text, AllOf(HasSubstr("asked by Ada herself; asked for it"),
                                   HasSubstr("4 entries"), Not(HasSubstr("NOT FINISHED"))));
    std::istringstream lines{tool("events-erase", {"--ledger", "--json", std::string{kAda}}).text};
    std::string line;
    ASSERT_TRUE(std::getline(lines, line));
    const auto entry = nlohmann::json::parse(line);
    EXPECT_EQ(entry.at("rows"), 20);
    EXPECT_EQ(entry.at("letters"), 1);
    EXPECT_EQ(entry.at("userHash"), query("SELECT encode(sha256(salt || '" + std::string{kAda} +
                                          "'), 'hex') FROM events.erasure_list"));
    EXPECT_THAT(tool("events-erase", {"--ledger", std::string{kEve}}).text, HasSubstr("0 entries"));
}

TEST_F(EraseTest, CheckSaysByItsExitCodeWhetherAnythingIsThere) {
    const std::string ada{kAda};
    EXPECT_EQ(tool("events-erase", {"--check", ada}).code, 1);
    const auto dry = tool("events-erase", {"--dry-run", ada});
    EXPECT_EQ(dry.code, 0);
    EXPECT_THAT(dry.text, AllOf(HasSubstr("facebook: 20 rows"), HasSubstr("nothing was changed")));
    EXPECT_EQ(rows_of(kFacebook, kAda), "20");
    EXPECT_EQ(query("SELECT count(*) FROM events.erasures"), "0");
    const auto erased = tool("events-erase", {"--now", ada});
    EXPECT_EQ(erased.code, 0) << erased.text;
    const auto checked = tool("events-erase", {"--check", ada});
    EXPECT_EQ(checked.code, 0) << checked.text;
    EXPECT_EQ(tool("events-erase", {"--check", std::string{kEve}}).code, 1);
}

TEST_F(EraseTest, ExportsAllThatIsKeptOfAPerson) {
    put_letter("dead.facebook", event_of(kFacebook, kAda, "letter"));
    put_letter("dead.facebook", event_of(kFacebook, kEve, "hers"));
    send(kTikTok, {event_of(kTikTok, kAda, "waits")}, now());
    const auto exported = tool("events-export-user", {std::string{kAda}});
    EXPECT_EQ(exported.code, 0) << exported.text;
    std::map<std::string, int> kinds;
    std::istringstream lines{exported.text};
    for (std::string line; std::getline(lines, line);) {
        const auto object = nlohmann::json::parse(line);
        ++kinds[object.at("kind").get<std::string>() + object.value("source", "")];
        EXPECT_THAT(line, AllOf(HasSubstr(std::string{kAda}), Not(HasSubstr(std::string{kEve}))));
        if (object.at("kind") == "row" && object.at("source") == "facebook") {
            EXPECT_EQ(object.at("event").at("purchase_amount"), 12.5);
        }
        if (object.at("kind") == "waiting") {
            EXPECT_EQ(object.at("event").at("eventId"), "waits");
        }
    }
    const std::map<std::string, int> expected{
        {"rowfacebook", 20}, {"rowtiktok", 20}, {"deadLetter", 1}, {"waitingtiktok", 1}};
    EXPECT_EQ(kinds, expected);
}

TEST_F(EraseTest, TakesManyPersonsFromAFile) {
    const test::TemporaryDirectory folder;
    const auto file = folder.path() / "ids";
    std::ofstream{file} << kAda << "\n" << kBob << "\r\n\n" << kAda << "\n";
    const auto run = tool("events-erase", {"--ids", file.string(), "--json"});
    EXPECT_EQ(run.code, 0) << run.text;
    EXPECT_THAT(run.text, HasSubstr(R"({"person":2,"source":"tiktok","ledger":4,"rows":14,)"));
    EXPECT_EQ(rows_of(kFacebook, kAda), "0");
    EXPECT_EQ(rows_of(kTikTok, kBob), "0");
    EXPECT_EQ(rows_of(kTikTok, kEve), "14");
}

TEST_F(EraseTest, SaysWhatItCouldNotDo) {
    EXPECT_EQ(tool("events-erase", {}).code, 2);
    EXPECT_EQ(tool("events-erase", {"--check", "--dry-run", "x"}).code, 2);
    EXPECT_EQ(tool("events-export-user", {"--now", "x"}).code, 2);
    EXPECT_EQ(tool("events-erase", {"--help"}).code, 0);
    EXPECT_EQ(tool("events-export-user", {"--version"}).code, 0);
    const auto nowhere =
        tool("events-erase", {std::string{kAda}}, "postgresql://u:hunter2@127.0.0.1:1/d");
    EXPECT_EQ(nowhere.code, 69);
    EXPECT_THAT(nowhere.text, Not(HasSubstr("hunter2")));
    EXPECT_EQ(tool("events-erase", {std::string{kAda}}, {}, "nats://127.0.0.1:1").code, 69);
    EXPECT_EQ(query("SELECT count(*) FROM events.erasures"), "0");
}

}  // namespace
}  // namespace events::erase
