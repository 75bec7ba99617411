// Whoever is erased, whenever: random writes of collectors (late ones, too), random changes of
// others, erasures that are killed and run again, and the keepers' work. At each step reports are
// exact, and nothing is there of an erased person that was accepted before.
#include "auditor.hpp"
#include "common/collector/event_table.hpp"
#include "common/health/registry.hpp"
#include "common/nats/connection.hpp"
#include "common/nats/jetstream.hpp"
#include "common/nats/topology.hpp"
#include "erase/erasure.hpp"
#include "events_database.hpp"
#include "keepers.hpp"
#include "operator.hpp"
#include "random_events.hpp"
#include "support/await.hpp"
#include "support/nats_server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <stdexcept>
#include <string>
#include <vector>

namespace events::test {
namespace {

using namespace std::chrono_literals;

postgres::Options options_of(const std::string& url) {
    return {.url = config::Secret{url}, .application_name = "test"};
}

/// Rows of erased persons that were accepted before they were erased.
constexpr auto kErasedRows =
    "SELECT count(*) FROM ({}) AS rows CROSS JOIN events.erasure_list JOIN events.erased_users AS "
    "erased "
    "ON erased.source = rows.source AND received_at <= erased_at "
    "AND user_hash = sha256(salt || convert_to(user_id, 'UTF8'))";

/// Of somebody who was not renamed: so nobody else's rows become an erased person's.
constexpr auto kSomebody =
    "SELECT user_id FROM (SELECT DISTINCT user_id FROM ({}) AS rows) AS users "
    "WHERE user_id NOT LIKE '%x' ORDER BY md5(user_id || '{}') LIMIT 1";

std::string rows_of_all() {
    std::string rows;
    for (const auto source : sources()) {
        rows += fmt::format("{}SELECT '{}' AS source, user_id, received_at FROM {}",
                            rows.empty() ? "" : " UNION ALL ", source.name(), source.table());
    }
    return rows;
}

class Erasures {
  public:
    Erasures(std::string url, nats::Connection& broker, Random& random)
        : url_{std::move(url)},
          random_{random},
          connection_{options_of(url_), {}},
          systems_{.database = connection_, .broker = broker, .interrupted = interrupted_} {}

    void erase_somebody() {
        std::vector<erase::Person> persons;
        for (auto left = 1 + random_.below(3); left > 0; --left) {
            const auto id =
                query(url_, fmt::format(kSomebody, rows_of_all(), random_.below(1'000'000)));
            if (!id.empty()) persons.emplace_back(id);
        }
        if (persons.empty()) return;
        // It dies at some step now and then, and is run again.
        auto steps_left = random_.one_in(3) ? random_.below(12) : 1'000;
        const erase::ErasureOptions chosen{.sources = {sources().begin(), sources().end()},
                                           .before_step = [&](erase::Step) {
                                               if (steps_left-- == 0) {
                                                   throw std::logic_error{"killed"};
                                               }
                                           }};
        try {
            erased_ += erase::erase(systems_, persons, chosen).is_complete ? 1 : 0;
        } catch (const std::logic_error&) {
            ++killed_;
            connection_.close();
            erased_ += erase::erase(systems_, persons, {.sources = chosen.sources}).is_complete;
        }
    }

    [[nodiscard]] int erased() const noexcept { return erased_; }
    [[nodiscard]] int killed() const noexcept { return killed_; }

  private:
    std::string url_;
    Random& random_;
    std::atomic<bool> interrupted_{false};
    postgres::Connection connection_;
    erase::Systems systems_;
    int erased_ = 0;
    int killed_ = 0;
};

TEST(RandomErasures, LeaveExactReportsAndNothingThatWasAcceptedBefore) {
    const auto seed = choose_seed();
    SCOPED_TRACE(fmt::format("EVENTS_PROPERTY_SEED={}", seed));
    Random random{seed};
    const auto url = make_events_database();
    NatsServer server;
    metrics::Registry metrics;
    health::Registry health{metrics};
    nats::Connection broker{{.url = config::Secret{server.url()}, .name = "test"},
                            {"test", {.level = logging::Level::fatal}},
                            health.add("nats")};
    ASSERT_TRUE(broker.wait_connected(kPatience));
    nats::JetStream jetstream{broker};
    for (const auto& stream : nats::all_streams({})) jetstream.ensure_stream(stream);

    RandomEvents events{random};
    std::deque<collector::EventTable> tables;
    for (const auto source : sources()) tables.emplace_back(options_of(url), source);
    std::deque<collector::Envelope> envelopes;
    std::size_t dropped = 0;
    const auto store = [&] {
        const auto place = random.below(tables.size());
        auto batch = events.batch(sources()[place], 1 + random.below(200), random.one_in(3));
        // Some were accepted a while ago, and waited.
        const auto now =
            std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
        for (auto& event : batch) {
            const auto waited = random.one_in(2) ? 0h : std::chrono::hours{1};
            event.envelope = &envelopes.emplace_back(
                collector::Envelope{.correlation_id = "c", .received_at = now - waited});
        }
        auto& table = tables[place];
        static_cast<void>(table.store(batch));
        dropped += table.erased();
    };
    Operator theirs{url, random};
    Keepers keepers{url, random};
    Auditor auditor{url, random.below(1'000)};
    Erasures erasures{url, broker, random};
    store();
    const auto end = std::chrono::steady_clock::now() + 15s;
    for (int step = 0; step < 60 || std::chrono::steady_clock::now() < end; ++step) {
        const auto chosen = random.below(5);
        if (chosen == 0) store();
        if (chosen == 1) theirs.change_rows();
        if (chosen == 2) erasures.erase_somebody();
        if (chosen >= 3) keepers.act();
        ASSERT_EQ(query(url, fmt::format(kErasedRows, rows_of_all())), "0")
            << "after step " << step;
        if (!random.one_in(3)) continue;
        ASSERT_EQ(auditor.differences(), "") << "after step " << step;
    }
    EXPECT_GT(erasures.erased(), 0);
    EXPECT_GT(dropped, 0U);
    EXPECT_GT(keepers.merged() + keepers.folded() + keepers.built(), 0);
    RecordProperty("killed", erasures.killed());
}

}  // namespace
}  // namespace events::test
