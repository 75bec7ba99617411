#include "erase_fixture.hpp"

#include "common/events/message_encoding.hpp"
#include "common/events/parser.hpp"
#include "common/events/time.hpp"
#include "common/nats/topology.hpp"
#include "common/postgres/migrations.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/segment_recount.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <deque>
#include <stdexcept>

namespace events::erase {
namespace {

std::string migrated_database() {
    auto url = test::postgres_cluster().make_database();
    postgres::Connection connection{{.url = config::Secret{url}, .application_name = "test"}, {}};
    postgres::migrate(connection, postgres::embedded_migrations(), nats::test::make_log());
    return url;
}

}  // namespace

std::string event_of(Source source, std::string_view user, std::string_view event_id,
                     std::string_view time) {
    const auto id = nlohmann::json(user).dump();
    if (source == kFacebook) {
        return fmt::format(
            R"({{"eventId":"{}","timestamp":"{}","source":"facebook","funnelStage":"bottom",)"
            R"("eventType":"checkout.complete","data":{{"user":{{"userId":{},"name":"N","age":36,)"
            R"("gender":"female","location":{{"country":"Germany","city":"Berlin"}}}},"engagement":)"
            R"({{"adId":"ad","campaignId":"c","clickPosition":"center","device":"mobile",)"
            R"("browser":"Safari","purchaseAmount":"12.50"}}}}}})",
            event_id, time, id);
    }
    return fmt::format(
        R"({{"eventId":"{}","timestamp":"{}","source":"tiktok","funnelStage":"bottom","eventType":)"
        R"("purchase","data":{{"user":{{"userId":{},"username":"N","followers":7}},"engagement":)"
        R"({{"actionTime":"2026-03-01T11:59:57Z","profileId":null,"purchasedItem":null,)"
        R"("purchaseAmount":"3.25"}}}}}})",
        event_id, time, id);
}

std::size_t store_events(collector::EventStore& store, const std::vector<std::string>& lines,
                         Timestamp received_at) {
    Parser parser;
    TextArena texts;
    std::deque<std::string> padded;
    const collector::Envelope envelope{.correlation_id = "c", .received_at = received_at};
    std::vector<collector::StorableEvent> events;
    for (const auto& line : lines) {
        auto& text = padded.emplace_back();
        text.reserve(line.size() + kPadding);
        text = line;
        const auto event = parser.parse_event(text, texts);
        if (!event) throw std::runtime_error{"no event: " + event.error().message};
        events.push_back({.event = *event, .envelope = &envelope});
    }
    return store.store(events);
}

Timestamp now() {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

EraseTest::EraseTest()
    : database_{migrated_database()},
      connection_{options(), {}},
      facebook_{options("fb-collector"), kFacebook},
      tiktok_{options("ttk-collector"), kTikTok} {
    for (const auto source : {kFacebook, kTikTok}) {
        client_.jetstream.ensure_consumer(nats::event_consumer(source, {}));
        for (const auto* day : {"2026-03-01", "2026-03-02"}) {
            for (const auto user : {kAda, kBob, kEve}) {
                store_some(source, user, std::string{user.substr(0, 3)} + "-a", 7, day);
            }
            store_some(source, kAda, "0c9-b", 3, day);
        }
    }
}

postgres::Options EraseTest::options(std::string name) const {
    return {.url = config::Secret{database_},
            .application_name = std::move(name),
            .connect_timeout = std::chrono::seconds{30}};
}

collector::EventStore& EraseTest::store(Source source) {
    if (source == kFacebook) return facebook_;
    return tiktok_;
}

void EraseTest::store_some(Source source, std::string_view user, std::string_view prefix, int count,
                           std::string_view day) {
    std::vector<std::string> lines;
    for (int i = 0; i < count; ++i) {
        lines.push_back(event_of(source, user, fmt::format("{}-{}", prefix, i),
                                 fmt::format("{}T12:00:{:02}Z", day, i)));
    }
    ASSERT_EQ(store_events(store(source), lines, now()), lines.size());
}

void EraseTest::send(Source source, const std::vector<std::string>& lines, Timestamp received_at) {
    std::string payload;
    for (const auto& line : lines) append_line(payload, line);
    const auto time = format_timestamp(received_at);
    const auto id = std::to_string(++sent_);
    std::vector<nats::HeaderField> headers{{nats::headers::kMessageId, id},
                                           {nats::headers::kReceivedAt, time}};
    Compressor compressor;
    if (sent_ % 2 == 0) {
        headers.push_back({nats::headers::kContentEncoding, std::string{kZstd}});
        payload = compressor.compress(payload);
        ASSERT_FALSE(payload.empty());
    }
    const auto outcome = publisher_.publish(source.subject(), headers, payload);
    ASSERT_TRUE(outcome.durable()) << outcome.error;
}

std::string EraseTest::rows_of(Source source, std::string_view user) const {
    std::string quoted;
    for (const char c : user) quoted += c == '\'' ? std::string{"''"} : std::string{c};
    return query(
        fmt::format("SELECT count(*) FROM {}_events WHERE user_id = '{}'", source.name(), quoted));
}

void EraseTest::expect_exact() const {
    EXPECT_EQ(test::recount(database_).difference, "");
}

Outcome EraseTest::erase(const std::vector<std::string_view>& ids, ErasureOptions options) {
    std::vector<Person> persons;
    for (const auto id : ids) persons.emplace_back(std::string{id});
    return events::erase::erase(
        {.database = connection_, .broker = client_.connection, .interrupted = interrupted_},
        persons, options);
}

Inventory EraseTest::inventory(std::string_view id) {
    const std::vector<Person> persons{Person{std::string{id}}};
    return take_inventory(
        {.database = connection_, .broker = client_.connection, .interrupted = interrupted_},
        persons, {kFacebook, kTikTok});
}

EraseTest::Tool EraseTest::tool(const std::string& name, const std::vector<std::string>& arguments,
                                const std::string& database_url, const std::string& nats_url) {
    const test::TemporaryDirectory folder;
    const auto output = folder.path() / "output";
    std::vector<std::string> command{(test::bin_directory() / name).string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const auto status = test::run(
        {.command = std::move(command),
         .environment = {{"DATABASE_URL", database_url.empty() ? database_ : database_url},
                         {"NATS_URL", nats_url.empty() ? server_.url() : nats_url}},
         .output = output,
         .user = {}});
    return {status.code, test::read_file(output)};
}

}  // namespace events::erase
