// The reporter's page in a real browser. What is looked at stands in tests/browser, which needs
// Node, Chromium and the npm packages that scripts/test installs.
#include "load.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/postgres_cluster.hpp"
#include "support/process.hpp"
#include "support/reverse_proxy.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace events::test {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kEvents = 3'000;
constexpr auto kScriptPatience = 8min;  // less than ctest's, so that the output is seen

/// Runs a script of tests/browser to its end; its output when it failed, else nothing.
std::string failure_of(const std::string& script, const std::vector<std::string>& arguments) {
    const TemporaryDirectory folder;
    const auto output = folder.path() / "output";
    std::vector<std::string> command{"node",
                                     (source_directory() / "tests/browser" / script).string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    Process node{{.command = std::move(command), .environment = {}, .output = output, .user = {}}};
    const auto status = node.wait(kScriptPatience);
    if (status && status->code == 0) return "";
    return read_file(output) + "\n" + script + (status ? " failed" : " did not end");
}

constexpr auto kToken = "a-token-for-the-reports";

std::string address_of(const Stack& stack, const std::string& daemon) {
    return "http://127.0.0.1:" + std::to_string(stack.port(daemon));
}

std::string reporter_of(const Stack& stack) {
    return address_of(stack, "reporter");
}

/// A reporter over events that came the usual way.
class Pages : public ::testing::Test {
  protected:
    void SetUp() override {
        stack_.start_all();
        ASSERT_EQ(stack_.post(make_batch(kEvents).body).status, 201U);
        ASSERT_TRUE(stack_.await_rows(kEvents));
        query(stack_.database(),
              "SELECT events.retain_from(source, '2004-02-01') FROM events.sources");
    }

    Stack stack_;
};

/// A reporter over these events of Facebook: a SELECT of their times, and of their numbers.
void report_on(Stack& stack, const std::string& times) {
    stack.start("fb-collector");  // makes the tables
    stack.stop("fb-collector");
    query(stack.database(), "CREATE TABLE rest PARTITION OF facebook_events DEFAULT");
    query(stack.database(),
          "INSERT INTO facebook_events (event_id, occurred_at, received_at, funnel_stage, "
          "event_type, user_id, name, age, gender, country, city) SELECT n, occurred_at, now(), "
          "'top', 'ad.view', 'user', 'name', 45, 'female', "
          "CASE n % 2 WHEN 0 THEN 'Germany' ELSE 'Peru' END, 'Lima' FROM (" +
              times + ") AS times (occurred_at, n)");
    stack.start("reporter");
}

TEST(Ranges, AreThoseThatPeopleReportAndNothingElseIsAskedFor) {
    Stack weeks;
    report_on(weeks,
              "SELECT '2026-02-20T00:30Z'::timestamptz + n * interval '1 hour', n "
              "FROM generate_series(0, 967) AS n");
    Stack fresh;
    report_on(fresh,
              "SELECT '2026-04-01T07:56:00Z'::timestamptz + n * interval '1.2 s', n "
              "FROM generate_series(0, 199) AS n UNION ALL SELECT '2019-05-05T12:00Z', 200");
    const auto failure = failure_of("ranges.test.mjs", {reporter_of(weeks), reporter_of(fresh)});
    EXPECT_TRUE(failure.empty()) << failure;
}

TEST_F(Pages, ShowAPersonWhatTheApiAnswers) {
    const auto failure = failure_of("page.test.mjs", {reporter_of(stack_)});
    EXPECT_TRUE(failure.empty()) << failure;
}

TEST_F(Pages, AndItsDescriptionAgreeWithTheApi) {
    // So old that a series of minutes can't begin with it.
    query(stack_.database(),
          "CREATE TABLE old PARTITION OF tiktok_events FOR VALUES FROM ('2020-01-01 00:00:00+00') "
          "TO ('2020-01-02 00:00:00+00'); INSERT INTO tiktok_events (event_id, occurred_at, "
          "received_at, funnel_stage, event_type, user_id, username, followers, purchase_amount) "
          "VALUES ('ttk-old', '2020-01-01T00:00:00Z', now(), 'bottom', 'purchase', 'user-old', "
          "'old', 1, 12.50)");
    Stack lonely;  // its reporter has no database
    lonely.start("reporter", {{"DATABASE_URL", "postgresql://postgres@127.0.0.1:1/none"}}, false);
    Stack locked;
    locked.start("reporter", {{"REPORT_TOKENS", kToken}});
    const auto failure = failure_of(
        "openapi.test.mjs", {reporter_of(stack_), reporter_of(lonely), reporter_of(locked)});
    EXPECT_TRUE(failure.empty()) << failure;
}

TEST(GatewayPages, AndItsDescriptionAgreeWithTheApi) {
    constexpr auto kVerifyToken = "hand-in-hand-with-meta";
    Stack stack;
    stack.start("gateway");
    Stack locked;
    locked.start(
        "gateway",
        {{"API_KEYS", kToken}, {"META_VERIFY_TOKEN", kVerifyToken}, {"MAX_BODY_BYTES", "1MiB"}});
    Stack away;
    away.start("gateway");
    away.nats().stop();
    Stack full;
    full.start("gateway", {{"SPOOL_MAX_BYTES", "1MiB"}, {"MESSAGE_COMPRESSION", "none"}});
    full.nats().stop();
    ASSERT_TRUE(await([&] { return !away.is_ready("gateway"); }));
    const auto failure =
        failure_of("gateway.test.mjs", {address_of(stack, "gateway"), address_of(locked, "gateway"),
                                        address_of(away, "gateway"), address_of(full, "gateway"),
                                        kToken, kVerifyToken});
    EXPECT_TRUE(failure.empty()) << failure;
}

TEST_F(Pages, PassTheChecksOfOthers) {
    const auto failure =
        failure_of("validators.test.mjs", {reporter_of(stack_), address_of(stack_, "gateway")});
    EXPECT_TRUE(failure.empty()) << failure;
}

TEST_F(Pages, SatisfyLighthouse) {
    const auto failure = failure_of("lighthouse.test.mjs", {reporter_of(stack_)});
    EXPECT_TRUE(failure.empty()) << failure;
}

TEST_F(Pages, LiveBelowAPathOfAProxy) {
    std::deque<ReverseProxy> proxies;
    std::vector<std::string> addresses;
    for (const auto kind : {ProxyKind::nginx, ProxyKind::haproxy, ProxyKind::caddy}) {
        proxies.emplace_back(kind, stack_.port("gateway"), stack_.port("reporter"));
        addresses.push_back(proxies.back().url() + "/marketing/");
    }
    const auto failure = failure_of("prefix.test.mjs", addresses);
    EXPECT_TRUE(failure.empty()) << failure;
}

TEST_F(Pages, AskForATokenWhereTheReporterHasOne) {
    stack_.stop("reporter");
    stack_.start("reporter", {{"REPORT_TOKENS", std::string{"the-former-token-of-it,"} + kToken}});
    const auto failure = failure_of("door.test.mjs", {reporter_of(stack_), kToken});
    EXPECT_TRUE(failure.empty()) << failure;
}

}  // namespace
}  // namespace events::test
