// What somebody who owns the database may do to it while the suite runs.
#include "canary.hpp"
#include "injections.hpp"
#include "support/await.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace events::test {
namespace {

/// A target as it stands in the schedule: "<table>-<how>".
struct TableFault {
    explicit TableFault(const std::string& target)
        : table{target.substr(0, target.rfind('-'))}, how{target.substr(target.rfind('-') + 1)} {}

    [[nodiscard]] std::string collector() const {
        return table == "facebook_events" ? "fb-collector" : "ttk-collector";
    }
    [[nodiscard]] const std::string& id(const Canary& canary) const {
        return table == "facebook_events" ? canary.facebook_id() : canary.tiktok_id();
    }

    std::string table;
    std::string how;
};

/// How to refuse every new row of `{0}`, and how to let them in again.
const std::map<std::string_view, std::pair<std::string_view, std::string_view>> kConstraints{
    // As on an empty table: ADD tenant int NOT NULL.
    {"column",
     {"ALTER TABLE {0} ADD tenant int NOT NULL DEFAULT 0; ALTER TABLE {0} ALTER tenant DROP "
      "DEFAULT",
      "ALTER TABLE {0} DROP tenant"}},
    {"check",
     {"ALTER TABLE {0} ADD CONSTRAINT theirs CHECK (event_type = 'none') NOT VALID",
      "ALTER TABLE {0} DROP CONSTRAINT theirs"}},
    {"trigger",
     {"CREATE FUNCTION theirs_{0}() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN RAISE EXCEPTION 'not user %', NEW.user_id; END $$; "
      "CREATE TRIGGER theirs BEFORE INSERT ON {0} FOR EACH ROW EXECUTE FUNCTION theirs_{0}()",
      "DROP FUNCTION theirs_{0} CASCADE"}},
};

std::string partition_of(Suite& suite, const TableFault& fault, const Canary& canary) {
    return ask(suite, fmt::format("SELECT tableoid::regclass FROM {} WHERE event_id = '{}'",
                                  fault.table, fault.id(canary)));
}

void require_stored(Canary& canary, const std::string& otherwise) {
    require(await([&] { return canary.post(); }), "an event of an older day is not taken");
    require(await([&] { return canary.stored(); }), otherwise);
}

}  // namespace

std::string ask(Suite& suite, const std::string& sql) {
    std::string answer;
    std::string why;
    const auto done = [&] {
        try {
            answer = query(suite.database(), sql);
            return true;
        } catch (const std::exception& error) {
            why = error.what();
            return false;
        }
    };
    require(await(done, kLongestOutage), sql + ": " + why);
    return answer;
}

void change(Suite& suite, const std::string& sql) {
    ask(suite, "BEGIN; SET LOCAL lock_timeout = '2s'; " + sql + "; COMMIT");
}

std::chrono::sys_days next_day() {
    static std::chrono::sys_days day =
        std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()) -
        std::chrono::days{30};
    return --day;
}

void constrain_table(Suite& suite, const Fault& fault) {
    const TableFault on{fault.target};
    const auto& [refuse, allow] = kConstraints.at(on.how);
    change(suite, fmt::format(fmt::runtime(refuse), on.table));
    require(await([&] { return !suite.stack().is_ready(on.collector()); }),
            on.collector() + " is ready while " + fault.target + " refuses every row");
    hold(fault);
    change(suite, fmt::format(fmt::runtime(allow), on.table));
}

void take_name_of_day(Suite& suite, const Fault& fault) {
    const TableFault on{fault.target};
    const auto day = next_day();
    const auto noon = fmt::format("{:%Y-%m-%d}T12:00:00Z", fmt::gmtime(day));
    auto name = fmt::format("{}_p{:%Y%m%d}", on.table, fmt::gmtime(day));
    std::string rows = "0";
    if (on.how == "detached") {
        Canary archived{suite, noon};
        require_stored(archived, "an event of " + noon + " is not stored");
        name = partition_of(suite, on, archived);
        change(suite, fmt::format("ALTER TABLE {} DETACH PARTITION {}", on.table, name));
        rows = "1";
    } else {
        change(suite, fmt::format("CREATE TABLE {} (theirs int)", name));
    }
    Canary late{suite, noon};
    require_stored(late, "an event of " + noon + " is not stored beside a table " + name);
    require(
        ask(suite, fmt::format("SELECT count(*) FROM pg_inherits WHERE inhrelid = '{}'::regclass",
                               name)) == "0" &&
            ask(suite, "SELECT count(*) FROM " + name) == rows,
        name + " was adopted");
    hold(fault);
    // What was archived comes back as its owner brings it.
    if (on.how == "detached") {
        change(suite, fmt::format("INSERT INTO {} SELECT * FROM {}", on.table, name));
    }
    change(suite, "DROP TABLE " + name);
}

void promote_standby(Suite& suite, const Fault& fault) {
    auto standby = suite.make_standby();
    standby->await_synchronous(suite.postgres());
    hold(fault);
    suite.postgres().crash();
    standby->promote();
    suite.replace_postgres(std::move(standby));
}

}  // namespace events::test
