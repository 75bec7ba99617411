#pragma once

#include "collector_fixture.hpp"
#include "support/jetstream_api.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace events::collector {

/// And ways to make its surroundings fail.
class RecoveryTest : public CollectorTest {
  protected:
    void remove(const std::string& what, const std::string& name) {
        const auto answer =
            test::jetstream_api(server_.url(), "$JS.API." + what + ".DELETE." + name);
        ASSERT_TRUE(answer.value("success", false)) << answer.dump();
    }

    /// Whether a statement of the collector waits for a lock of ours.
    [[nodiscard]] bool store_waits() const {
        return test::query(database_,
                           "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = "
                           "'Lock' AND datname = current_database()") == "t";
    }

    [[nodiscard]] double metric(const std::string& series) const {
        const auto text = "\n" + metrics_.text();
        const auto place = text.find("\n" + series + " ");
        return place == std::string::npos ? -1 : std::stod(text.substr(place + series.size() + 2));
    }

    /// Makes the database answer every insertion of such a row with `sqlstate`, until the trigger
    /// "refuse" is dropped.
    void refuse_rows_where(const std::string& condition, const std::string& sqlstate) {
        // A sequence counts although its transaction is rolled back.
        (void)test::query(
            database_,
            fmt::format("CREATE SEQUENCE refusals;"
                        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                        "IF {} THEN PERFORM nextval('refusals'); "
                        "RAISE EXCEPTION 'as told' USING ERRCODE = '{}'; END IF; "
                        "RETURN new; END $$;"
                        "CREATE TRIGGER refuse BEFORE INSERT ON facebook_events FOR EACH ROW "
                        "EXECUTE FUNCTION refuse()",
                        condition, sqlstate));
    }

    [[nodiscard]] std::uint64_t refusals() const {
        return std::stoull(test::query(
            database_, "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM refusals"));
    }

    static constexpr auto kDuplicates = R"(duplicate_events_total{source="facebook"})";
};

}  // namespace events::collector
