// A collector that is stopped at each step of a transaction while a person is erased; an eraser
// that dies at each step; two erasers at once.
#include "common/events/event.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "erase_fixture.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <future>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace events::erase {
namespace {

using namespace std::chrono_literals;

constexpr auto kDay = "2026-03-01";

/// A transaction that somebody holds open. It ends with the object.
class Hold {
  public:
    Hold(const std::string& url, const std::string& sql) : session_{url}, work_{session_} {
        work_.exec(sql);
    }
    void release() { work_.commit(); }

  private:
    pqxx::connection session_;
    pqxx::work work_;
};

/// How a collector stores: straight; beside the table first, since it expects duplicates; or so
/// that the table's triggers note the rows, since somebody's trigger can alter them.
enum class Way : std::uint8_t { copy, merge, noted };

class Interleaved : public EraseTest, public ::testing::WithParamInterface<Way> {
  protected:
    Interleaved() {
        if (GetParam() == Way::merge) {
            const auto known = event_of(kFacebook, kEve, "eve-a-0", "2026-03-01T12:00:00Z");
            EXPECT_EQ(store_events(facebook_, {known}, now()), 0U);
        }
        if (GetParam() == Way::noted) {
            query(
                "CREATE FUNCTION theirs() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; "
                "END'");
            query(
                "CREATE TRIGGER theirs BEFORE INSERT ON facebook_events_p20260301 FOR EACH ROW "
                "EXECUTE FUNCTION theirs()");
            store_some(kFacebook, kEve, "noted", 1, kDay);
        }
        query(
            "CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN "
            "PERFORM pg_advisory_xact_lock_shared(7); RETURN NULL; END'");
    }
    /// The collector stores an event of Ada's and one of Eve's, and `more`, all accepted before the
    /// erasure.
    std::future<std::size_t> start_storing(std::vector<std::string> more = {}) {
        return std::async(std::launch::async, [this, lines = std::move(more)]() mutable {
            lines.push_back(event_of(kFacebook, kAda, "late"));
            lines.push_back(event_of(kFacebook, kEve, "late too"));
            // So that the next batch is merged as well.
            if (GetParam() == Way::merge) {
                lines.push_back(event_of(kFacebook, kEve, "eve-a-0", "2026-03-01T12:00:00Z"));
            }
            return store_events(facebook_, lines, before_);
        });
    }
    /// A session of the collector's waits for a lock.
    [[nodiscard]] bool await_held() const {
        return test::await([&] {
            return query(
                       "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                       "AND application_name = 'fb-collector' AND wait_event_type = 'Lock'") == "1";
        });
    }
    std::future<Outcome> start_erasing() {
        return std::async(std::launch::async, [this] {
            return erase({kAda},
                         {.sources = {kFacebook, kTikTok}, .before_step = [this](Step step) {
                              if (step != Step::delete_rows) return;
                              deletes_ = true;
                              EXPECT_TRUE(released_) << "it waits for who has written";
                          }});
        });
    }
    /// It has looked several times who writes; or it does not wait, and deletes already.
    [[nodiscard]] bool await_waiting() const {
        std::set<std::string> looks;
        return test::await([&] {
            looks.insert(
                query("SELECT max(query_start) FROM pg_stat_activity WHERE datname = "
                      "current_database() AND application_name = 'test' AND query LIKE "
                      "'%FROM pg_locks%' AND pid <> pg_backend_pid()"));
            return deletes_ || looks.size() > 4;
        });
    }
    [[nodiscard]] bool await_entry() const {
        return test::await([&] { return query("SELECT count(*) FROM events.erasures") == "2"; });
    }
    /// Erases Ada while what the trigger belongs to holds the collector.
    void erase_while_held(std::string_view trigger, std::vector<std::string> more = {}) {
        query(fmt::format(fmt::runtime(trigger), "AFTER INSERT ON facebook_events_p20260301",
                          "FOR EACH ROW EXECUTE FUNCTION pause()"));
        Hold hold{database_, "SELECT pg_advisory_xact_lock(7)"};
        auto stored = start_storing(std::move(more));
        ASSERT_TRUE(await_held());
        auto erased = start_erasing();
        ASSERT_TRUE(await_waiting());
        released_ = true;
        hold.release();
        stored_ = stored.get();
        EXPECT_TRUE(erased.get().is_complete);
        expect_erased();
    }
    void expect_erased() {
        EXPECT_EQ(rows_of(kFacebook, kAda), "0");
        EXPECT_EQ(query("SELECT count(*) FROM facebook_events WHERE event_id = 'late too'"), "1");
        expect_exact();
    }

    const Timestamp before_ = now();
    std::atomic<bool> released_{false};
    std::atomic<bool> deletes_{false};
    std::size_t stored_ = 0;
};

TEST_P(Interleaved, ACollectorThatHasNotWrittenYetSeesTheList) {
    // EXCLUSIVE: reading goes on.
    Hold hold{database_, "LOCK TABLE facebook_events, facebook_events_p20260301 IN EXCLUSIVE MODE"};
    auto stored = start_storing();
    ASSERT_TRUE(await_held());
    released_ = true;  // nobody has written anything
    auto erased = start_erasing();
    ASSERT_TRUE(await_entry());
    hold.release();
    EXPECT_EQ(stored.get(), 1U);
    EXPECT_EQ(facebook_.erased(), 1U);
    EXPECT_TRUE(erased.get().is_complete);
    expect_erased();
}

constexpr auto kBeforeItCompares = "CREATE TRIGGER pause {} {}";
constexpr auto kBeforeItCommits =
    "CREATE CONSTRAINT TRIGGER pause {} DEFERRABLE INITIALLY DEFERRED {}";

TEST_P(Interleaved, ACollectorThatHasWrittenButNotComparedSeesTheListAndTakesItBack) {
    erase_while_held(kBeforeItCompares);
    EXPECT_EQ(stored_, 1U);
    EXPECT_EQ(facebook_.erased(), 1U);
}

TEST_P(Interleaved, WhatACollectorCommitsThatHasComparedIsDeleted) {
    erase_while_held(kBeforeItCommits);
    EXPECT_EQ(stored_, 2U);
}

TEST_P(Interleaved, WhatACollectorHasCommittedOfALongBatchIsNotCountedAsKnown) {
    // 65 days are two transactions, and it was the whole batch that was stored anew.
    std::vector<std::string> more;
    for (std::chrono::sys_days day{std::chrono::year{2025} / 12 / 27};
         day < std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}; ++day) {
        const auto id = fmt::format("long-{}", more.size());
        const auto noon = fmt::format("{:%F}T12:00:00Z", fmt::gmtime(day));
        more.push_back(event_of(kFacebook, kEve, id, noon));
        if (day.time_since_epoch().count() % 2 == 0) {
            more.push_back(event_of(kFacebook, kAda, id + "-ada", noon));
        }
    }
    erase_while_held(kBeforeItCompares, more);
    EXPECT_EQ(stored_, more.size() + 1);
    EXPECT_EQ(facebook_.erased(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Ways, Interleaved, ::testing::Values(Way::copy, Way::merge, Way::noted),
                         [](const auto& of) {
                             if (of.param == Way::copy) return "Copy";
                             return of.param == Way::merge ? "Merge" : "Noted";
                         });

/// Where a run ends; of steps that come several times at the given one.
struct Death {
    Step step;
    int time;
};

class Killed : public EraseTest {
  protected:
    /// Runs until its death. Nothing of it can undo anything: each step is a transaction or one
    /// request, so an exception leaves what SIGKILL would.
    void die_at(Death death) {
        int times = 0;
        EXPECT_THROW(static_cast<void>(erase({kAda}, {.sources = {kFacebook, kTikTok},
                                                      .before_step =
                                                          [&](Step step) {
                                                              if (step != death.step) return;
                                                              if (++times == death.time) {
                                                                  throw std::logic_error{"killed"};
                                                              }
                                                          }})),
                     std::logic_error);
        connection_.close();
    }
};

TEST_F(Killed, AtWhicheverStepAnotherRunDoesTheRest) {
    constexpr std::array kDeaths{Death{Step::add_to_ledger, 1},
                                 Death{Step::await_writers, 1},
                                 Death{Step::delete_rows, 1},
                                 Death{Step::delete_rows, 3},
                                 Death{Step::look_for_letters, 1},
                                 Death{Step::delete_letter, 1},
                                 Death{Step::delete_letter, 2},
                                 Death{Step::count_waiting, 1},
                                 Death{Step::finish, 1}};
    int round = 0;
    for (const auto& death : kDeaths) {
        const auto prefix = fmt::format("round-{}", ++round);
        SCOPED_TRACE(prefix);
        store_some(kFacebook, kAda, prefix, 5, kDay);
        for (int i = 0; i < 2; ++i) {
            put_letter("dead.facebook", event_of(kFacebook, kAda, prefix + "-l"));
        }
        const auto before = now();
        die_at(death);
        expect_exact();
        if (death.step != Step::add_to_ledger) {
            EXPECT_EQ(store_events(facebook_, {event_of(kFacebook, kAda, prefix + "-w")}, before),
                      0U)
                << "what waits is dropped from the first step on";
        }
        EXPECT_TRUE(erase({kAda}).is_complete);
        EXPECT_EQ(rows_of(kFacebook, kAda), "0");
        EXPECT_EQ(letters(), 0U);
        expect_exact();
    }
    // Each run but the first, which died before it was there: its rows add up, whoever died.
    EXPECT_EQ(query("SELECT sum(rows), count(*) FROM events.erasures WHERE source = 'facebook'"),
              std::to_string(20 + 5 * round));
    EXPECT_EQ(query("SELECT sum(letters) FROM events.erasures"), std::to_string(2 * round));
    EXPECT_EQ(query("SELECT count(*) FROM events.erasures WHERE finished_at IS NULL"),
              std::to_string(2 * (round - 1)));
}

TEST_F(Killed, ByTheSystemWheneverItWasAnotherRunDoesTheRest) {
    const test::TemporaryDirectory folder;
    const auto command = (test::bin_directory() / "events-erase").string();
    for (const auto delay : {20ms, 60ms, 120ms, 240ms}) {
        test::Process process{
            {.command = {command, std::string{kAda}},
             .environment = {{"DATABASE_URL", database_}, {"NATS_URL", server_.url()}},
             .output = folder.path() / "output",
             .user = {}}};
        if (!process.wait(delay)) static_cast<void>(process.stop(SIGKILL, test::kPatience));
        expect_exact();
        store_some(kFacebook, kAda, fmt::format("after-{}", delay.count()), 3, kDay);
    }
    EXPECT_EQ(tool("events-erase", {std::string{kAda}}).code, 0);
    EXPECT_EQ(rows_of(kFacebook, kAda), "0");
    EXPECT_EQ(rows_of(kTikTok, kAda), "0");
    expect_exact();
}

TEST_F(EraseTest, TwoErasersAtOnceCountEachRowOnce) {
    for (int i = 0; i < 4; ++i) put_letter("dead.facebook", event_of(kFacebook, kAda, "l"));
    std::vector<std::future<Tool>> runs;
    for (int i = 0; i < 3; ++i) {
        runs.push_back(std::async(std::launch::async, [&] {
            return tool("events-erase", {std::string{kAda}, std::string{kBob}, "--now"});
        }));
    }
    for (auto& run : runs) {
        const auto done = run.get();
        EXPECT_EQ(done.code, 0) << done.text;
    }
    EXPECT_EQ(query("SELECT sum(rows) FROM events.erasures"), "68");
    EXPECT_EQ(query("SELECT sum(letters) FROM events.erasures"), "4");
    EXPECT_FALSE(inventory(kAda).any());
    EXPECT_FALSE(inventory(kBob).any());
    expect_exact();
}

}  // namespace
}  // namespace events::erase
