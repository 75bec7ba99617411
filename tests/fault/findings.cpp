#include "findings.hpp"

#include "e2e/dead_letters.hpp"
#include "hostile_message.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>

#include <array>
#include <chrono>
#include <random>
#include <string_view>
#include <vector>

namespace events::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr int kRanges = 3;

struct SourceTable {
    std::string_view source;
    std::string_view table;
    std::string_view revenue_type;
};
constexpr std::array<SourceTable, 2> kTables{{{"facebook", "facebook_events", "checkout.complete"},
                                              {"tiktok", "tiktok_events", "purchase"}}};

/// Both ends inclusive, in epoch milliseconds; the whole history when there is none.
struct Range {
    std::int64_t from = 0;
    std::int64_t to = 0;

    [[nodiscard]] bool whole() const noexcept { return to == 0; }
    [[nodiscard]] std::string query() const {
        return whole() ? "" : fmt::format("&from={}&to={}", from, to);
    }
    [[nodiscard]] std::string condition() const {
        constexpr auto kMoment = "timestamptz 'epoch' + {} * interval '1 millisecond'";
        if (whole()) return "true";
        return "occurred_at BETWEEN " + fmt::format(fmt::runtime(kMoment), from) + " AND " +
               fmt::format(fmt::runtime(kMoment), to);
    }
    [[nodiscard]] std::string name() const {
        return whole() ? "of all" : fmt::format("from {} to {}", from, to);
    }
};

/// Within the last hours, where the events are; the ends cut minutes.
std::vector<Range> choose_ranges(std::uint64_t seed) {
    std::mt19937_64 random{seed};
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    const auto span = std::chrono::milliseconds{75min}.count();
    std::vector<Range> ranges{{}};
    for (int i = 0; i < kRanges; ++i) {
        const auto from =
            now - static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(span));
        ranges.push_back({from, from + 1 + static_cast<std::int64_t>(random() % 2'000'000)});
    }
    return ranges;
}

json groups(Stack& stack, const std::string& target) {
    return json::parse(stack.get("reporter", target).body).at("groups");
}

void report(Stack& stack, const Range& range, std::map<std::string, std::string>& figures) {
    const auto suffix = range.query();
    for (const auto& group : groups(stack, "/reports/events?groupBy=source,eventType" + suffix)) {
        figures[fmt::format("events {} {} {}", group.at("source").get<std::string>(),
                            group.at("eventType").get<std::string>(), range.name())] =
            group.at("count").dump();
    }
    for (const auto& group : groups(stack, "/reports/revenue?groupBy=source" + suffix)) {
        figures[fmt::format("revenue {} {}", group.at("source").get<std::string>(), range.name())] =
            fmt::format("{:.2f} in {}", group.at("revenue").get<double>(),
                        group.at("transactions").dump());
    }
    for (const auto& group : groups(stack, "/reports/demographics?groupBy=source" + suffix)) {
        figures[fmt::format("users {} {}", group.at("source").get<std::string>(), range.name())] =
            group.at("userCount").dump();
    }
}

void recount(pqxx::work& work, const Range& range, std::map<std::string, std::string>& figures) {
    for (const auto& [source, table, revenue_type] : kTables) {
        const auto rows = fmt::format("FROM {} WHERE {}", table, range.condition());
        for (const auto& row :
             work.exec(fmt::format("SELECT event_type, count(*) {} GROUP BY event_type", rows))) {
            figures[fmt::format("events {} {} {}", source, row[0].c_str(), range.name())] =
                row[1].c_str();
        }
        const auto revenue = work.exec(
            fmt::format("SELECT sum(purchase_amount), count(*) {} AND event_type = '{}' AND "
                        "purchase_amount IS NOT NULL",
                        rows, revenue_type));
        if (!revenue[0][0].is_null()) {
            figures[fmt::format("revenue {} {}", source, range.name())] =
                fmt::format("{} in {}", revenue[0][0].c_str(), revenue[0][1].c_str());
        }
        const auto users =
            work.exec(fmt::format("SELECT count(DISTINCT user_id) {}", rows))[0][0].as<long>();
        if (users > 0) {
            figures[fmt::format("users {} {}", source, range.name())] = std::to_string(users);
        }
    }
}

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
    pqxx::work work{connection};
    for (const auto& range : choose_ranges(seed)) {
        report(stack, range, found.reported);
        recount(work, range, found.recounted);
    }
}

}  // namespace events::test
