#include "findings.hpp"

#include "common/postgres/connection.hpp"
#include "common/postgres/segment_store.hpp"
#include "e2e/dead_letters.hpp"
#include "hostile_message.hpp"
#include "support/report_questions.hpp"
#include "verify/partition_check.hpp"
#include "verify/report.hpp"

#include <nlohmann/json.hpp>
#include <pqxx/pqxx>

namespace events::test {
namespace {

using nlohmann::json;

constexpr int kCrossings = 8;

/// Of an event, or of what a hostile message had in its place; all of it, where that has none.
std::string id_of(const std::string& payload) {
    if (const auto mark = payload.find(kHostile); mark != std::string::npos) {
        return payload.substr(mark, kHostile.size() + kHostileDigits);
    }
    const auto event = json::parse(payload, nullptr, false);
    return event.is_object() ? event.value("eventId", payload) : payload;
}

}  // namespace

std::unordered_map<std::string, std::string> read_dead_letters(const std::string& nats_url) {
    std::unordered_map<std::string, std::string> letters;
    for (const auto& message : read_stream(nats_url, "EVENTS_DEAD")) {
        const auto id = id_of(message.payload);
        const auto reason = message.headers.find("X-Reason-Code");
        letters[id] = reason == message.headers.end() ? "" : reason->second;
    }
    return letters;
}

std::unordered_map<std::string, std::uint64_t> read_rows(const std::string& database) {
    pqxx::connection connection{database};
    pqxx::nontransaction transaction{connection};
    std::unordered_map<std::string, std::uint64_t> rows;
    for (const auto& row : transaction.exec(
             "SELECT event_id, count(*) FROM (SELECT event_id FROM facebook_events UNION ALL "
             "SELECT event_id FROM tiktok_events) AS both_tables GROUP BY event_id")) {
        rows[row[0].c_str()] = row[1].as<std::uint64_t>();
    }
    return rows;
}

void read_figures(Stack& stack, std::uint64_t seed, Found& found) {
    pqxx::connection connection{stack.database()};
    pqxx::transaction<pqxx::isolation_level::repeatable_read> transaction{connection};
    for (const auto& question : choose_questions(transaction, seed, kCrossings)) {
        const auto response = stack.get("reporter", question.target());
        if (response.status == 200) {
            add_answer(question, response.body, found.reported);
        } else {
            found.reported[question.target()] = response.body;
        }
        add_recount(question, transaction, found.recounted);
    }
}

std::vector<std::string> compare_segments(const std::string& database) {
    postgres::Connection connection{
        {.url = config::Secret{database}, .application_name = "checker"}, {}};
    std::vector<std::string> differences;
    connection.read([&](pqxx::transaction_base& transaction) {
        for (const auto& partition : postgres::read_partitions(transaction)) {
            const auto outcome = verify::check_partition(transaction, partition, {});
            if (partition.is_built && outcome.is_equal()) continue;
            differences.push_back(verify::format_outcome(outcome, "events"));
        }
    });
    return differences;
}

}  // namespace events::test
