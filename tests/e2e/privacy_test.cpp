// Whatever goes wrong with an event, nobody's name is in a log, a metric or a header. Allowed are
// correlation ids and event ids: they are what an operator finds an event by.
#include "dead_letters.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/jetstream_api.hpp"
#include "support/nats_connect.hpp"
#include "support/sample_events.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace events::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Each value of the test's events holds one of these and nothing else does.
constexpr std::array<std::string_view, 5> kMarks{"zq7", "Zebulon", "Marlowe", "918273645",
                                                 "7341.93"};

constexpr std::array<const char*, 4> kDaemons{"gateway", "fb-collector", "ttk-collector",
                                              "reporter"};

std::string facebook(std::string_view id, std::string_view stage, std::string_view type,
                     std::string_view gender, std::string_view engagement) {
    return fmt::format(
        R"({{"eventId":"{}","timestamp":"2026-03-01T12:00:00Z","source":"facebook",)"
        R"("funnelStage":"{}","eventType":"{}","zq7Key":"zq7-note","data":{{"user":)"
        R"({{"userId":"zq7-person","name":"Zebulon Marlowe","age":36,"gender":"{}","location":)"
        R"({{"country":"Zq7land","city":"Zq7 Ville"}}}},"engagement":{}}}}})",
        id, stage, type, gender, engagement);
}

constexpr std::string_view kView =
    R"({"actionTime":"2026-03-01T11:59:58Z","referrer":"groups","videoId":"zq7-video"})";
constexpr std::string_view kCheckout =
    R"({"adId":"zq7-ad","campaignId":"zq7-campaign","clickPosition":"center","device":"mobile",)"
    R"("browser":"Safari","purchaseAmount":"7341.93"})";

std::string tiktok(std::string_view id) {
    return fmt::format(
        R"({{"eventId":"{}","timestamp":"2026-03-01T12:00:00Z","source":"tiktok",)"
        R"("funnelStage":"bottom","eventType":"purchase","data":{{"user":{{"userId":"zq7-dancer",)"
        R"("username":"zebulon.zq7","followers":918273645}},"engagement":{{"actionTime":)"
        R"("2026-03-01T11:59:57Z","profileId":"zq7-profile","purchasedItem":"zq7 ring",)"
        R"("purchaseAmount":"7341.93"}}}}}})",
        id);
}

std::string valid(const std::string& round) {
    return "[" + facebook("fb-" + round + "-1", "top", "ad.view", "female", kView) + "," +
           facebook("fb-" + round + "-2", "bottom", "checkout.complete", "male", kCheckout) + "," +
           tiktok("ttk-" + round) + "]";
}

class PrivacyTest : public ::testing::Test {
  protected:
    PrivacyTest() {
        for (const auto* daemon : kDaemons) stack_.start(daemon);
    }

    void post_what_is_invalid() {
        const auto view = facebook("fb-bad", "top", "ad.view", "zq7-gender", kView);
        const auto ordinary = facebook("fb-bad", "top", "ad.view", "female", kView);
        const auto with = [&](std::string_view what, std::string_view instead) {
            auto text = ordinary;
            return text.replace(text.find(what), what.size(), instead);
        };
        for (const auto& body :
             {view, with("2026-03-01T12:00:00Z", "zq7 o'clock"), with("\"top\"", "\"zq7\""),
              with("ad.view", "zq7.type"), with("\"facebook\"", "\"zq7book\""),
              with("36", "\"zq7\""), with("36", "918273645"), with("\"zq7-person\"", "null"),
              with("zq7-person", std::string(1'100, 'z') + "zq7"), with("zq7-person", "zq7\\ud800"),
              with("zq7-person", "zq7\\u0000"), with("Zebulon", "Zebulon\xff"),
              with("\"data\":", "\"zq7data\":"), with("},", "},,zq7"), std::string{R"({"zq7":)"},
              std::string{R"(zq7 Marlowe)"}, "[" + ordinary + ",{\"zq7\":zq7}]",
              std::string{R"(["zq7", 918273645])"}}) {
            EXPECT_LT(stack_.post(body).status, 500U) << body;
            EXPECT_LT(stack_.post(body, {}, "application/x-ndjson").status, 500U);
        }
        EXPECT_EQ(stack_.post("zq7", {}, "zq7/type").status, 415U);
        EXPECT_EQ(stack_.post("zq7", {{"Content-Encoding", "gzip"}}).status, 400U);
        auto client = stack_.new_client("gateway");
        for (const auto* target : {"/events?zq7=Marlowe", "/zq7", "/events?dryRun=zq7"}) {
            (void)client.send({.method = "POST", .target = target, .body = valid("q")},
                              std::chrono::seconds{20});
        }
    }

    /// What somebody else puts into our streams.
    void publish_what_is_invalid() {
        const auto connection = connect_to_nats(stack_.nats().url());
        for (const auto& payload : {std::string{"zq7 Marlowe"}, tiktok("of-the-other-source"),
                                    facebook("fb-late", "top", "ad.view", "zq7-gender", kView),
                                    std::string{"\xff zq7"}}) {
            nats::check(
                natsConnection_PublishString(connection.get(), "events.facebook", payload.c_str()),
                "publish");
        }
        nats::check(natsConnection_Flush(connection.get()), "flush");
    }

    void ask_for_reports() {
        for (const auto* target :
             {"/reports/events?city=Zq7%20Ville", "/reports/revenue?campaignId=zq7-campaign",
              "/reports/demographics?country=Zq7land&age=zq7", "/reports/events?zq7=Marlowe",
              "/reports/events?from=zq7", "/reports/zq7", "/zq7?Marlowe"}) {
            (void)stack_.get("reporter", target);
        }
    }

    [[nodiscard]] std::string readiness(const std::string& daemon) {
        return stack_.get(daemon, "/readiness").body;
    }

    /// The three events of valid(round).
    [[nodiscard]] bool await_stored(const std::string& round) const {
        return await([&] {
            return query(stack_.database(),
                         fmt::format("SELECT (SELECT count(*) FROM facebook_events WHERE event_id "
                                     "LIKE 'fb-{0}-%') + (SELECT count(*) FROM tiktok_events WHERE "
                                     "event_id = 'ttk-{0}')",
                                     round)) == "3";
        });
    }

    void run_sql(const std::string& sql) const { (void)query(stack_.database(), sql); }

    void expect_no_mark(const std::string& where, std::string text) const {
        const auto lower = [](std::string_view from) {
            std::string all{from};
            std::ranges::transform(all, all.begin(),
                                   [](unsigned char c) { return std::tolower(c); });
            return all;
        };
        const auto all = lower(text);
        for (const auto mark : kMarks) {
            const auto at = all.find(lower(mark));
            if (at == std::string::npos) continue;
            ADD_FAILURE() << where << " tells " << mark << ": "
                          << text.substr(at < 200 ? 0 : at - 200, 400);
        }
    }

    void expect_no_mark_anywhere() {
        for (const auto* daemon : kDaemons) {
            expect_no_mark(daemon, read_file(stack_.log_file(daemon)));
            expect_no_mark(std::string{daemon} + "/metrics", stack_.get(daemon, "/metrics").body);
            expect_no_mark(std::string{daemon} + "/readiness", readiness(daemon));
        }
        for (const auto& letter : read_stream(stack_.nats().url(), "EVENTS_DEAD")) {
            for (const auto& [name, value] : letter.headers) expect_no_mark(name, value);
        }
    }

    PostgresCluster cluster_;
    Stack stack_{cluster_, {}, {{"LOG_LEVEL", "trace"}, {"ACK_TIMEOUT_MS", "20000"}}};
};

TEST_F(PrivacyTest, NoValueOfAnEventIsLogged) {
    ASSERT_EQ(stack_.post(valid("a")).status, 201U);
    ASSERT_TRUE(await_stored("a"));
    ASSERT_EQ(stack_.post(valid("a")).status, 201U);  // the key's refusal has the key in its DETAIL
    post_what_is_invalid();
    publish_what_is_invalid();
    ask_for_reports();
    expect_no_mark_anywhere();

    // A column of the operator's: "Failing row contains (...)" is its DETAIL.
    run_sql(
        "ALTER TABLE facebook_events ADD tenant int NOT NULL DEFAULT 0;"
        "ALTER TABLE facebook_events ALTER tenant DROP DEFAULT");
    run_sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'refused: %, % with % for %', new.username, upper(new.user_id), "
        "new.followers, new.purchase_amount USING DETAIL = new::text, HINT = new.username; END $$;"
        "CREATE TRIGGER refuse BEFORE INSERT ON tiktok_events FOR EACH ROW EXECUTE FUNCTION "
        "refuse()");
    ASSERT_EQ(stack_.post(valid("b")).status, 201U);
    EXPECT_TRUE(await([&] {
        return readiness("fb-collector").find("23502") != std::string::npos &&
               readiness("ttk-collector").find("P0001") != std::string::npos;
    })) << readiness("fb-collector")
        << readiness("ttk-collector");
    EXPECT_THAT(readiness("fb-collector"), HasSubstr("column tenant"));
    EXPECT_THAT(readiness("ttk-collector"), HasSubstr("refused"));
    expect_no_mark_anywhere();
    for (const auto* daemon : {"fb-collector", "ttk-collector"}) {
        EXPECT_EQ(stack_.stop(daemon).code, 0);
        expect_no_mark(daemon, read_file(stack_.log_file(daemon)));
    }
    run_sql("ALTER TABLE facebook_events DROP tenant; DROP TRIGGER refuse ON tiktok_events");
    for (const auto* daemon : {"fb-collector", "ttk-collector"}) stack_.start(daemon);
    EXPECT_TRUE(await_stored("b"));

    // Without a database, without a broker, and by way of the spool.
    cluster_.kill();
    ASSERT_EQ(stack_.post(valid("c")).status, 201U);
    ask_for_reports();
    ASSERT_TRUE(await([&] { return !stack_.is_ready("fb-collector"); }));
    cluster_.restart();
    EXPECT_TRUE(await_stored("c"));
    stack_.nats().stop();
    EXPECT_EQ(stack_.post(valid("d")).status, 202U);
    stack_.nats().start();
    EXPECT_TRUE(await_stored("d"));
    ask_for_reports();
    expect_no_mark_anywhere();
}

}  // namespace
}  // namespace events::test
