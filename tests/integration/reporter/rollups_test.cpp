// Whatever happens to the rows, and however far folding and profiling have come, every report
// gives the figures of counting the rows.

#include "common/postgres/migrations.hpp"
#include "fb-collector/facebook_store.hpp"
#include "random_filter.hpp"
#include "recount.hpp"
#include "reporter_server.hpp"
#include "support/postgres_cluster.hpp"
#include "ttk-collector/tiktok_store.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <future>
#include <random>
#include <thread>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;

const collector::Envelope kEnvelope{.correlation_id = "c", .received_at = kFirstDay};

/// The event as a collector has it; `amount` and the row outlive it.
collector::StorableEvent storable(const StoredEvent& row, const std::string& amount) {
    const auto money = row.cents ? std::optional<std::string_view>{amount} : std::nullopt;
    Event event{.event_id = row.id, .timestamp = row.at, .type = row.type, .data = {}};
    const bool top = row.type->stage == FunnelStage::top;
    if (row.type->source == Source::facebook) {
        FacebookEvent data{.user = {.user_id = row.user,
                                    .name = "n",
                                    .age = static_cast<std::int16_t>(*row.age),
                                    .gender = *row.gender,
                                    .country = *row.country,
                                    .city = *row.city},
                           .engagement = FacebookTop{}};
        if (!top) {
            data.engagement = FacebookBottom{.ad_id = "a",
                                             .campaign_id = *row.campaign,
                                             .click_position = "center",
                                             .device = *row.device,
                                             .browser = "Chrome",
                                             .purchase_amount = money};
        }
        event.data = data;
    } else {
        TikTokEvent data{
            .user = {.user_id = row.user, .username = "u", .followers = *row.followers},
            .engagement = TikTokBottom{.action_time = row.at,
                                       .profile_id = {},
                                       .purchased_item = {},
                                       .purchase_amount = money}};
        if (top) {
            data.engagement = TikTokTop{.watch_time = 1,
                                        .percentage_watched = 1,
                                        .device = *row.device,
                                        .country = *row.country,
                                        .video_id = "v"};
        }
        event.data = data;
    }
    return {.event = event, .envelope = &kEnvelope};
}

/// Stores a part of the rows, each once or more, in batches of random sizes and in random order.
template <typename Store>
void collect(const std::string& url, Source source, const std::vector<StoredEvent>& rows,
             unsigned seed) {
    std::mt19937 random{seed};
    std::vector<std::string> amounts;
    amounts.reserve(rows.size());
    std::vector<collector::StorableEvent> events;
    for (const auto& row : rows) {
        const auto cents = row.cents.value_or(0);
        amounts.push_back(fmt::format("{}.{:02}", cents / 100, cents % 100));
        if (row.type->source == source) events.push_back(storable(row, amounts.back()));
    }
    const auto twice = events.size() / 5;
    for (std::size_t i = 0; i < twice; ++i) events.push_back(events[random() % events.size()]);
    std::ranges::shuffle(events, random);

    Store store{{.url = config::Secret{url}, .application_name = "test"}};
    for (std::span<const collector::StorableEvent> left{events}; !left.empty();) {
        const auto batch = left.first(std::min<std::size_t>(1 + random() % 40, left.size()));
        (void)store.store(batch);
        left = left.subspan(batch.size());
    }
}

/// What a report may give its figures apart by.
std::vector<Key> random_keys(Category report, std::mt19937& random) {
    std::vector<Key> keys{Key::source};
    if (report == Category::events) keys.insert(keys.end(), {Key::funnel_stage, Key::event_type});
    if (report == Category::revenue) keys.insert(keys.end(), {Key::event_type, Key::campaign_id});
    if (report == Category::demographics) {
        keys.insert(keys.end(), {Key::gender, Key::age_group, Key::country, Key::city, Key::device,
                                 Key::followers_group});
    }
    std::ranges::shuffle(keys, random);
    keys.resize(random() % std::min<std::size_t>(4, keys.size() + 1));
    return keys;
}

Grouping random_grouping(Category report, const Filter& filter, std::mt19937& random) {
    Grouping grouping{.keys = random_keys(report, random)};
    grouping.limit = random() % 2 == 0 ? 1 + random() % 5 : 1'000;
    if (report == Category::demographics || random() % 2 == 0) return grouping;
    constexpr std::array<std::chrono::seconds, 3> kIntervals{1min, 1h, 24h};
    grouping.interval = kIntervals.at(random() % 3);
    // Three days of minutes are fewer than 10,000, but not for each of many groups.
    (void)filter;
    if (grouping.interval == 1min) grouping.limit = std::min<std::size_t>(grouping.limit, 5);
    return grouping;
}

class RollupsTest : public ::testing::Test {
  protected:
    RollupsTest() { migrate_database(url_); }

    void run(const std::string& statement) { test::query(url_, statement); }
    void fold() { run("SELECT fold_event_deltas()"); }
    void profile(int most_events) {
        for (const auto* source : {"facebook", "tiktok"}) {
            run(fmt::format("SELECT profile_{}_users('0', {})", source, most_events));
        }
    }

    /// Asks each report for random figures, the first time for all.
    void expect_recounts(const std::vector<StoredEvent>& rows, std::mt19937& random, int times) {
        for (int i = 0; i < times && !HasFailure(); ++i) {
            for (const auto& [name, report] : kCategories) {
                // Nothing stored: there is nothing to take a filter's values from.
                const auto filter =
                    rows.empty() || i == 0 ? Filter{} : random_filter(report, rows, random);
                const auto grouping = random_grouping(report, filter, random);
                const auto target = fmt::format("{}?{}{}", name, filter.query(), grouping.query());
                const auto response = server_.get(target);
                EXPECT_EQ(response.body, recount(report, rows, filter, grouping)) << target;
            }
        }
    }

    std::string url_ = test::postgres_cluster().make_database();
    ReporterServer server_{url_};
};

TEST_F(RollupsTest, GiveTheFiguresOfTheRowsWhileParallelCollectorsStoreAndOthersFoldAndProfile) {
    const auto rows = random_events(11, 1'500);
    std::vector<std::future<void>> collectors;
    for (unsigned number = 0; number < 2; ++number) {
        collectors.push_back(std::async(std::launch::async, [&, number] {
            collect<fb_collector::FacebookStore>(url_, Source::facebook, rows, number);
        }));
        collectors.push_back(std::async(std::launch::async, [&, number] {
            collect<ttk_collector::TikTokStore>(url_, Source::tiktok, rows, number);
        }));
    }
    {
        std::vector<std::jthread> keepers;
        for (int keeper = 0; keeper < 2; ++keeper) {
            keepers.emplace_back([this](const std::stop_token& stop) {
                while (!stop.stop_requested()) {
                    fold();
                    profile(50);
                }
            });
        }
        for (auto& collector : collectors) collector.get();
    }

    std::mt19937 random{5};
    expect_recounts(rows, random, 40);
}

TEST_F(RollupsTest, GiveTheFiguresOfTheRowsAtEveryStageOfFoldingAndProfiling) {
    prepare_database(url_);
    const auto rows = random_events(12, 900);
    std::mt19937 random{6};
    std::vector<StoredEvent> stored;
    for (std::size_t part = 0; part < 3; ++part) {
        const std::vector<StoredEvent> more{
            rows.begin() + static_cast<std::ptrdiff_t>(part * 300),
            rows.begin() + static_cast<std::ptrdiff_t>(part * 300) + 300};
        store(url_, more);
        stored.insert(stored.end(), more.begin(), more.end());
        expect_recounts(stored, random, 8);
        fold();
        expect_recounts(stored, random, 8);
        profile(100);
        expect_recounts(stored, random, 8);
        if (part == 0) continue;
        profile(10'000);
        expect_recounts(stored, random, 8);
    }
    run("ANALYZE");  // the plans are chosen by the planner's numbers
    expect_recounts(stored, random, 30);
}

/// The same with the rows of `rows` stored, folded and profiled.
class KeptRollupsTest : public RollupsTest {
  protected:
    KeptRollupsTest() {
        prepare_database(url_);
        store(url_, rows_);
        fold();
        profile(10'000);
    }

    void expect_recounts() { RollupsTest::expect_recounts(rows_, random_, 12); }

    /// Before and after the rollups have caught up.
    void expect_recounts_at_every_stage() {
        expect_recounts();
        fold();
        expect_recounts();
        profile(10'000);
        expect_recounts();
    }

    std::vector<StoredEvent> rows_ = random_events(13, 400);
    std::mt19937 random_{7};
};

TEST_F(KeptRollupsTest, ForgetRowsThatAreDeleted) {
    run("DELETE FROM facebook_events WHERE user_id = 'user-7'");
    run("DELETE FROM tiktok_events WHERE user_id = 'user-9'");
    std::erase_if(rows_, [](const auto& row) {
        return row.user == (row.type->source == Source::facebook ? "user-7" : "user-9");
    });
    expect_recounts_at_every_stage();
}

TEST_F(KeptRollupsTest, ForgetOneEventOfAUserAndKeepTheOthers) {
    const auto id = rows_.front().id;
    const auto table = std::string{to_string(rows_.front().type->source)} + "_events";
    run("DELETE FROM " + table + " WHERE event_id = '" + id + "'");
    rows_.erase(rows_.begin());
    expect_recounts_at_every_stage();
}

TEST_F(KeptRollupsTest, FollowRowsThatAreChanged) {
    run("UPDATE facebook_events SET user_id = 'gone', country = 'Kenya', purchase_amount = 1 "
        "WHERE user_id = 'user-7'");
    for (auto& row : rows_) {
        if (row.type->source != Source::facebook || row.user != "user-7") continue;
        row.user = "gone";
        row.country = "Kenya";
        row.cents = 100;
    }
    expect_recounts_at_every_stage();
}

TEST_F(KeptRollupsTest, ForgetEverythingWithATruncate) {
    run("TRUNCATE tiktok_events");
    std::erase_if(rows_, [](const auto& row) { return row.type->source == Source::tiktok; });
    expect_recounts_at_every_stage();
}

TEST_F(KeptRollupsTest, FollowAPartitionThatIsDetachedAndAttachedAgain) {
    const auto all = rows_;
    run("ALTER TABLE facebook_events DETACH PARTITION facebook_events_test");
    std::erase_if(rows_, [](const auto& row) { return row.type->source == Source::facebook; });
    expect_recounts();
    run("ALTER TABLE facebook_events ATTACH PARTITION facebook_events_test "
        "FOR VALUES FROM ('2026-03-01 00:00+00') TO ('2026-03-04 00:00+00')");
    rows_ = all;
    expect_recounts_at_every_stage();
    run("DROP TABLE facebook_events_test");
    std::erase_if(rows_, [](const auto& row) { return row.type->source == Source::facebook; });
    expect_recounts();
}

TEST_F(KeptRollupsTest, FollowPartitionsWithoutTheRightToBeToldOfThem) {
    run("DROP EVENT TRIGGER follow_event_partitions");
    run("DROP TABLE tiktok_events_test");
    std::erase_if(rows_, [](const auto& row) { return row.type->source == Source::tiktok; });
    run("SELECT follow_partitions()");
    expect_recounts();
}

TEST_F(KeptRollupsTest, LeaveAloneWhatRolledBack) {
    pqxx::connection connection{url_};
    pqxx::work transaction{connection};
    transaction.exec("DELETE FROM facebook_events");
    transaction.exec(
        "INSERT INTO tiktok_events (event_id, occurred_at, received_at, funnel_stage, event_type,"
        " user_id, username, followers) VALUES ('x', '2026-03-01T00:00:00Z', now(), 'top', 'like',"
        " 'x', 'x', 1)");
    transaction.abort();
    expect_recounts_at_every_stage();
}

TEST(Rollups, AreFilledFromTheRowsOfAnOlderDatabase) {
    const auto url = test::postgres_cluster().make_database();
    const logging::Logger log{"reporter-test", {.level = logging::Level::fatal}};
    const auto migrations = postgres::embedded_migrations();
    {
        postgres::Connection connection{
            {.url = config::Secret{url}, .application_name = "reporter-test"}, {}};
        postgres::migrate(connection, migrations.first(1), log);
    }
    test::query(url, "CREATE TABLE facebook_events_test PARTITION OF facebook_events DEFAULT");
    test::query(url, "CREATE TABLE tiktok_events_test PARTITION OF tiktok_events DEFAULT");
    const auto rows = random_events(14, 300);
    store(url, rows);
    migrate_database(url);

    ReporterServer server{url};
    for (const auto& [name, report] : kCategories) {
        EXPECT_EQ(server.get(std::string{name}).body, recount(report, rows, {}, {}));
    }
    EXPECT_EQ(test::query(url, "SELECT count(*) FROM event_deltas"), "0") << "folded at once";
}

}  // namespace
}  // namespace events::reporter
