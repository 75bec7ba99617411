// The eraser's own role and user, with exactly the rights of deploy/postgres/roles.sql and
// deploy/nats/rights.conf.
#include "common/sources/facebook.hpp"
#include "erase_fixture.hpp"
#include "support/environment.hpp"
#include "support/reader_role.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace events::erase {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string rights() {
    std::string extra;
    for (const auto* user :
         {"GATEWAY", "FB_COLLECTOR", "TTK_COLLECTOR", "EVENTS_DLQ", "EVENTS_ERASE", "OPERATOR"}) {
        extra += fmt::format("{}_PASSWORD: \"secret\"\n", user);
    }
    return extra + test::read_file(test::source_directory() / "deploy/nats/rights.conf");
}

TEST_F(EraseTest, NeedsNoMoreThanTheErasersRights) {
    test::make_roles(database_, {{"owner", "postgres"}});
    const auto eraser = test::as_role(database_, "events_eraser");
    put_letter("dead.facebook", event_of(kFacebook, kAda, "letter"));
    send(kFacebook, {event_of(kFacebook, kAda, "waits")}, now());
    server_.configure(rights());
    server_.restart();
    const auto broker = fmt::format("nats://events-erase:secret@127.0.0.1:{}", server_.port());
    const std::string ada{kAda};
    const auto run = [&](const std::string& name, std::vector<std::string> arguments) {
        arguments.push_back(ada);
        return tool(name, arguments, eraser, broker);
    };
    const auto exported = run("events-export-user", {});
    EXPECT_EQ(exported.code, 0) << exported.text;
    EXPECT_THAT(exported.text, HasSubstr(R"("kind":"waiting")"));
    EXPECT_EQ(run("events-erase", {"--dry-run"}).code, 0);
    const auto erased = run("events-erase", {"--now"});
    EXPECT_EQ(erased.code, 0) << erased.text;
    EXPECT_THAT(erased.text, HasSubstr("facebook: 20 rows, 1 dead letters, 1 waiting events"));
    EXPECT_THAT(run("events-erase", {"--ledger"}).text, HasSubstr("2 entries"));
    EXPECT_EQ(run("events-erase", {"--check"}).code, 1) << "what waits";
    EXPECT_THAT(server_.log(), Not(HasSubstr("Permissions Violation")));
    for (const auto* sql :
         {"DELETE FROM events.erasures", "UPDATE events.erasures SET reason = ''",
          "UPDATE events.erasure_list SET salt = ''", "DELETE FROM events.built_partitions",
          "UPDATE facebook_events SET country = ''", "TRUNCATE facebook_events",
          "INSERT INTO events.partition_marks (partition) VALUES (1)",
          "CREATE TABLE public.mine (n int)"}) {
        EXPECT_THROW(static_cast<void>(test::query(eraser, sql)), pqxx::insufficient_privilege)
            << sql;
    }
    for (const auto* role : {"events_writer", "events_reporter"}) {
        const auto url = test::as_role(database_, role);
        EXPECT_THROW(static_cast<void>(test::query(url, "SELECT reason FROM events.erasures")),
                     pqxx::insufficient_privilege);
        EXPECT_THROW(static_cast<void>(
                         test::query(url, "UPDATE events.erasure_list SET version = version + 1")),
                     pqxx::insufficient_privilege);
    }
    for (const auto* role : {"events_owner", "events_writer", "events_reporter", "events_eraser"}) {
        if (query(fmt::format("SELECT count(*) FROM pg_roles WHERE rolname = '{}'", role)) == "0") {
            continue;
        }
        query(fmt::format("DROP OWNED BY {0}", role));
        query(fmt::format("DROP ROLE {0}", role));
    }
}

}  // namespace
}  // namespace events::erase
